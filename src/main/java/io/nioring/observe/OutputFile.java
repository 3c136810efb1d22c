package io.nioring.observe;

import io.nioring.observe.FileClaim.Identity;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * One file of a capture. It can be read by its owner alone, since payload is private; a file system
 * without POSIX permissions gives a file those of its folder.
 */
final class OutputFile {
  private static final Set<OpenOption> NEW =
      Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);

  /** Not emptied yet: it may be another capture's. */
  private static final Set<OpenOption> PRESENT =
      Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE);

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private static final int MODE_TYPE = 0xF000; // S_IFMT of stat(2)
  private static final int MODE_PIPE = 0x1000; // S_IFIFO

  /** As many symbolic links as Linux follows, see path_resolution(7). */
  private static final int MAX_LINKS = 40;

  private final Path path;
  private final OutputStream out;

  /** Null if the file was there before. */
  private final Identity made;

  private OutputFile(Path path, OutputStream out, Identity made) {
    this.path = path;
    this.out = out;
    this.made = made;
  }

  /**
   * Opens a file, makes it if it is not there and empties it if it is.
   *
   * @param claim takes it
   * @throws IOException if it cannot be made, or belongs to another capture, which is left alone
   */
  static OutputFile open(Path file, FileClaim claim) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      if (isPipe(file)) {
        claim.take(file); // a device may be written by many
      }
      return new OutputFile(file, Files.newOutputStream(file), null);
    }
    Path target = target(file);
    boolean hasPermissions = target.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] attributes =
        hasPermissions
            ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
            : new FileAttribute<?>[0];
    try {
      SeekableByteChannel channel = Files.newByteChannel(target, NEW, attributes);
      return opened(target, channel, claim, true, hasPermissions);
    } catch (FileAlreadyExistsException e) {
      SeekableByteChannel channel = Files.newByteChannel(target, PRESENT, attributes);
      return opened(target, channel, claim, false, hasPermissions);
    }
  }

  private static OutputFile opened(
      Path file,
      SeekableByteChannel channel,
      FileClaim claim,
      boolean isNew,
      boolean hasPermissions)
      throws IOException {
    OutputFile opened = null;
    try {
      claim.take(file);
      if (channel.size() > 0) {
        channel.truncate(0);
      }
      if (hasPermissions) {
        Files.setPosixFilePermissions(file, OWNER_ONLY); // of a file that was there
      }
      Identity made = isNew ? Identity.of(file) : null;
      opened = new OutputFile(file, Channels.newOutputStream(channel), made);
      return opened;
    } finally {
      if (opened == null) {
        channel.close();
      }
    }
  }

  /** What is made: the end of symbolic links that lead to no file yet. */
  private static Path target(Path file) throws IOException {
    Path target = file;
    for (int i = 0; i < MAX_LINKS && !Files.exists(target) && Files.isSymbolicLink(target); i++) {
      target = target.resolveSibling(Files.readSymbolicLink(target));
    }
    return target;
  }

  private static boolean isPipe(Path file) throws IOException {
    return file.getFileSystem().supportedFileAttributeViews().contains("unix")
        && ((int) Files.getAttribute(file, "unix:mode") & MODE_TYPE) == MODE_PIPE;
  }

  OutputStream out() {
    return out;
  }

  /** Removes the file, which was closed, if it was made here and nobody has replaced it. */
  void discard() {
    try {
      if (made != null && Files.exists(path) && made.equals(Identity.of(path))) {
        Files.delete(path);
      }
    } catch (IOException e) {
      return; // why nothing could be written into it is told
    }
  }
}
