package io.nioring.internal.platform;

import java.io.File;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Whether the process can open a few more files: asked before classes are initialized that open
 * some.
 *
 * <p>A class whose initialization fails is lost for as long as the JVM runs, and so are the JDK's
 * classes that it stands on (logging, security, file channels). So what can wait is not begun in a
 * shortage.
 */
public final class SpareDescriptors {
  /** More than the start of logging, flight recorder, random generator or JNR-POSIX opens. */
  private static final int WANTED = 32;

  /** The null device, which is there on every system. */
  private static final File FILE = ProcessBuilder.Redirect.DISCARD.file();

  private SpareDescriptors() {}

  /**
   * Tells whether a few descriptors can be had now, by opening them for a moment.
   *
   * @return true also if that cannot be found out
   */
  public static boolean exist() {
    return has(WANTED);
  }

  /** Uses the one kind of file whose classes the JVM has initialized itself. */
  private static boolean has(int count) {
    if (count == 0) {
      return true;
    }
    try (InputStream one = new FileInputStream(FILE)) {
      return one != null && has(count - 1);
    } catch (FileNotFoundException e) {
      return !FILE.exists(); // one exception for both reasons
    } catch (IOException e) {
      return true;
    }
  }

  /**
   * Fails unless a few descriptors can be had now.
   *
   * @throws ShortageException if not
   */
  static void ensure() throws ShortageException {
    if (!exist()) {
      throw new ShortageException(null);
    }
  }
}
