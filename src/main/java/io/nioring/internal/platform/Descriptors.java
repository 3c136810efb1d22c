package io.nioring.internal.platform;

import io.nioring.socket.DescriptorRight;
import java.io.IOException;
import java.net.SocketException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;

/**
 * Duplicates and closes raw file descriptors through JNR-POSIX.
 *
 * <p>The native library is loaded when the first descriptor is duplicated, never before. Where it
 * is not available, passing descriptors is refused. Thread-safe.
 */
public final class Descriptors {
  private final BooleanSupplier permitted;
  private final Supplier<POSIX> library;

  /** For tests: uses another library. */
  Descriptors(BooleanSupplier permitted, Supplier<POSIX> library) {
    this.permitted = permitted;
    this.library = library;
  }

  /**
   * The descriptors of this process.
   *
   * @throws UnsupportedOperationException if there is no JNR-POSIX
   */
  public static Descriptors ofProcess() {
    try {
      return OfProcess.DESCRIPTORS;
    } catch (LinkageError e) {
      throw new UnsupportedOperationException(
          "File descriptors cannot be passed without JNR-POSIX", e);
    }
  }

  /** A separate class, since it does not link without JNR-POSIX. */
  private static final class OfProcess {
    static final Descriptors DESCRIPTORS =
        new Descriptors(NativeAccess::isQuiet, POSIXFactory::getPOSIX);
  }

  /**
   * Duplicates a descriptor (dup(2)).
   *
   * @param original a right to an open descriptor
   * @return a right that owns the duplicate
   * @throws UnsupportedOperationException if the native library is not available
   * @throws IOException if the descriptor is not open, or the process has no more of them
   */
  public DescriptorRight duplicate(DescriptorRight original) throws IOException {
    POSIX posix = library();
    int fd = posix.dup(original.fd());
    if (fd < 0) {
      throw failure(posix, "dup", original.fd());
    }
    boolean owned = false;
    try {
      DescriptorRight duplicate = new DescriptorRight(fd, () -> close(posix, fd));
      owned = true;
      return duplicate;
    } finally {
      if (!owned) { // no memory for the object
        close(posix, fd);
      }
    }
  }

  private POSIX library() {
    if (!permitted.getAsBoolean()) {
      throw new UnsupportedOperationException(
          "File descriptors cannot be passed, since the native library of JNR-POSIX may not be"
              + " loaded here; start java with --enable-native-access=ALL-UNNAMED, or with the name"
              + " of its module");
    }
    POSIX posix = library.get();
    if (!posix.isNative()) {
      throw new UnsupportedOperationException(
          "File descriptors cannot be passed, since JNR-POSIX found no native library here");
    }
    return posix;
  }

  private static void close(POSIX posix, int fd) throws IOException {
    if (posix.close(fd) < 0) {
      throw failure(posix, "close", fd);
    }
  }

  private static IOException failure(POSIX posix, String operation, int fd) {
    return new SocketException(
        posix.strerror(posix.errno()) + " (" + operation + " of descriptor " + fd + ")");
  }
}
