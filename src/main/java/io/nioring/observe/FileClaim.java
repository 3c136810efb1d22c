package io.nioring.observe;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What one running capture writes, and no other one of this JVM may: two would overwrite each
 * other. That is a file, whatever it is called; and if the capture rotates, every name that a file
 * of it has or may get. Thread-safe.
 */
final class FileClaim {
  /** Those of the JVM's running captures; guarded by the class. */
  private static final List<FileClaim> ALL = new ArrayList<>();

  /** The real folder of the files. */
  private final Path folder;

  /** The name of the file, or of the first one. */
  private final String name;

  /** What the names of all files match; null if there is one file only. */
  private final Pattern names;

  /** The file that is being written; null before. Guarded by the class. */
  private Identity present;

  /** What a file is beside its names. */
  record Identity(FileSystem system, Object key) {
    /** The identity of a file that exists. */
    static Identity of(Path file) throws IOException {
      Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
      return new Identity(file.getFileSystem(), key == null ? file.toRealPath() : key);
    }
  }

  private FileClaim(Path real, Pattern names) {
    this.folder = real.getParent();
    this.name = real.getFileName().toString();
    this.names = names;
  }

  /**
   * Claims a file, which need not exist yet; {@link #take} follows when it does.
   *
   * @throws FileSystemException if it has a name of another capture that rotates
   */
  static FileClaim of(Path file) throws FileSystemException {
    return add(new FileClaim(real(file), null));
  }

  /**
   * Claims the names of files that differ in a number.
   *
   * @param first the name with the first number
   * @param names what all of the names match
   * @throws FileSystemException if one of them is another capture's
   */
  static FileClaim of(Path first, Pattern names) throws FileSystemException {
    return add(new FileClaim(real(first), names));
  }

  private static FileClaim add(FileClaim claim) throws FileSystemException {
    synchronized (FileClaim.class) {
      for (FileClaim other : ALL) {
        if (claim.mayGet(other)) {
          throw refusal(other.folder.resolve(other.name));
        } else if (other.mayGet(claim)) {
          throw refusal(claim.folder.resolve(claim.name));
        }
      }
      ALL.add(claim);
    }
    return claim;
  }

  /** Whether the other's name may be one of this one's, now or later. */
  private boolean mayGet(FileClaim other) {
    return names != null && folder.equals(other.folder) && names.matcher(other.name).matches();
  }

  /**
   * Claims the file that is written next in the place of the present one.
   *
   * @param file which exists
   * @throws FileSystemException if another capture writes it
   */
  void take(Path file) throws IOException {
    Identity next = Identity.of(file);
    synchronized (FileClaim.class) {
      for (FileClaim other : ALL) {
        if (other != this && next.equals(other.present)) {
          throw refusal(file);
        }
      }
      present = next;
    }
  }

  /** Gives everything back; further calls have no effect. */
  void release() {
    synchronized (FileClaim.class) {
      ALL.remove(this);
    }
  }

  private static FileSystemException refusal(Path file) {
    return new FileSystemException(
        file.toString(), null, "a running capture of this JVM writes this file");
  }

  /** The path without symbolic links; as it is if there is no folder, where no file can be made. */
  private static Path real(Path file) {
    Path absolute = file.toAbsolutePath();
    try {
      return Files.exists(absolute)
          ? absolute.toRealPath()
          : absolute.getParent().toRealPath().resolve(absolute.getFileName());
    } catch (IOException e) {
      return absolute.normalize();
    }
  }
}
