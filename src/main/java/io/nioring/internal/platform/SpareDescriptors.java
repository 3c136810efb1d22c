package io.nioring.internal.platform;

import java.io.File;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Whether the process can open a few more files: checked before classes are initialized that open
 * some.
 *
 * <p>A class whose initialization fails is unusable for the lifetime of the JVM, and so are the
 * JDK's classes that it depends on (logging, security, file channels). So whatever can wait is not
 * started during a shortage.
 */
public final class SpareDescriptors {
  /**
   * More than the initialization of logging, Flight Recorder, a random generator or JNR-POSIX
   * opens.
   */
  private static final int WANTED = 32;

  /** The null device, which exists on every system. */
  private static final File FILE = ProcessBuilder.Redirect.DISCARD.file();

  private SpareDescriptors() {}

  /**
   * Returns whether a few descriptors are available now, by briefly opening them.
   *
   * @return true also if that cannot be determined
   */
  public static boolean exist() {
    return has(WANTED);
  }

  /**
   * Uses the only kind of file whose classes the JVM has initialized itself. A resource of the
   * statement would have its close's error suppressed by the body's, which may be the same: the JVM
   * throws one {@code OutOfMemoryError} again and again.
   */
  private static boolean has(int count) {
    if (count == 0) {
      return true;
    }
    try {
      InputStream one = new FileInputStream(FILE);
      try {
        return has(count - 1);
      } finally {
        one.close();
      }
    } catch (FileNotFoundException e) {
      return !FILE.exists(); // one exception for both reasons
    } catch (IOException e) {
      return true;
    }
  }

  /**
   * Throws unless a few descriptors are available now.
   *
   * @throws ShortageException if not
   */
  static void ensure() throws ShortageException {
    if (!exist()) {
      throw new ShortageException(null);
    }
  }
}
