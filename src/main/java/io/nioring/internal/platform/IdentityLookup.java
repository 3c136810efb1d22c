package io.nioring.internal.platform;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import java.util.Optional;

/**
 * Asks sources for the identity of the process until one answers, and caches the answer.
 *
 * <p>Thread-safe. The first threads may ask concurrently; no lock is held while they do.
 */
final class IdentityLookup {
  private final List<IdentitySource> sources;

  /** Written by each thread that finds it; all find the same value. */
  private volatile PosixIdentity found;

  IdentityLookup(List<IdentitySource> sources) {
    this.sources = sources;
  }

  /**
   * The answer of the first source that has one; see {@link PosixIdentity} for the case that none
   * has.
   */
  PosixIdentity get() {
    PosixIdentity present = found;
    return present != null ? present : find();
  }

  private PosixIdentity find() {
    try {
      PosixIdentity identity = firstAnswer();
      found = identity;
      return identity;
    } catch (ShortageException e) {
      return PosixIdentity.unknown();
    }
  }

  private PosixIdentity firstAnswer() throws ShortageException {
    for (IdentitySource source : sources) {
      Optional<PosixIdentity> identity = ask(source);
      if (identity.isPresent()) {
        return identity.get();
      }
    }
    return PosixIdentity.ofProcessHandle();
  }

  private static Optional<PosixIdentity> ask(IdentitySource source) throws ShortageException {
    try {
      return source.find();
    } catch (FileSystemException e) {
      if (isForGood(e)) {
        return Optional.empty();
      }
      throw new ShortageException(e);
    } catch (ShortageException e) {
      throw e;
    } catch (IOException | RuntimeException | LinkageError e) {
      return Optional.empty(); // Not there, or not for this system: the next source is asked.
    } catch (VirtualMachineError e) {
      throw new ShortageException(e);
    }
  }

  /** Whether a file is not there or not for us; other reasons have no class of their own. */
  private static boolean isForGood(FileSystemException failure) {
    return failure instanceof NoSuchFileException
        || failure instanceof AccessDeniedException
        || failure instanceof NotDirectoryException;
  }
}
