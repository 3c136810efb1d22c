package io.nioring.internal.platform;

import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import jnr.posix.Group;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import jnr.posix.Passwd;

/**
 * The identity of the process as reported by the C library through JNR-POSIX.
 *
 * <p>The native library is loaded when this is first used, and only if that does not make the JVM
 * print a warning. Where it cannot be loaded, JNR-POSIX answers with guesses, made by running
 * programs; these are recognized by {@code isNative} and ignored.
 */
final class NativeIdentity implements IdentitySource {

  /**
   * Held while a result of {@code getpwuid} or {@code getgrgid} is used: it is a view on a buffer
   * that the whole process shares and the next call overwrites (getpwuid(3)), so it is copied under
   * this lock. No other lock is taken under it.
   */
  private static final ReentrantLock STATIC_BUFFER_LOCK = new ReentrantLock();

  private final BooleanSupplier permitted;
  private final Supplier<POSIX> library;

  NativeIdentity() {
    this(NativeAccess::isQuiet, POSIXFactory::getPOSIX);
  }

  /** For tests: uses another library. */
  NativeIdentity(BooleanSupplier permitted, Supplier<POSIX> library) {
    this.permitted = permitted;
    this.library = library;
  }

  @Override
  public Optional<PosixIdentity> find() throws ShortageException {
    SpareDescriptors.ensure();
    return permitted.getAsBoolean() ? identity(library.get()) : Optional.empty();
  }

  private static Optional<PosixIdentity> identity(POSIX posix) {
    if (!posix.isNative()) {
      return Optional.empty();
    }
    int uid = posix.geteuid();
    int gid = posix.getegid();
    STATIC_BUFFER_LOCK.lock();
    try {
      Passwd user = posix.getpwuid(uid);
      String userName = user == null ? Integer.toString(uid) : user.getLoginName();
      Group group = posix.getgrgid(gid);
      String groupName = group == null ? Integer.toString(gid) : group.getName();
      return Optional.of(
          new PosixIdentity(
              PosixIdentity.currentPid(),
              Integer.toUnsignedLong(uid),
              Integer.toUnsignedLong(gid),
              userName,
              groupName));
    } finally {
      STATIC_BUFFER_LOCK.unlock();
    }
  }
}
