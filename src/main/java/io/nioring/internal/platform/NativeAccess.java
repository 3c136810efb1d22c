package io.nioring.internal.platform;

/**
 * Whether JNR-POSIX may load its native library without the JVM printing a warning or refusing.
 *
 * <p>Since JDK 24 {@code System.load} is a restricted method (JEP 472): the caller's module needs
 * {@code --enable-native-access}, or a warning is printed. It is queried by {@code
 * Module.isNativeAccessEnabled}, which was added in JDK 22 and so is called by reflection.
 */
final class NativeAccess {

  /** The module of this class of JFFI, on which JNR-POSIX is based, is the one that calls load. */
  private static final String LOADING_CLASS = "com.kenai.jffi.Foreign";

  private NativeAccess() {}

  /** Returns whether the library, if present, can be loaded without a warning. */
  static boolean isQuiet() {
    return isQuiet(LOADING_CLASS);
  }

  /** As {@link #isQuiet()}, for a class, given by name, that loads native code. */
  static boolean isQuiet(String loadingClass) {
    try {
      Class<?> loading = Class.forName(loadingClass, false, NativeAccess.class.getClassLoader());
      return isEnabled(loading.getModule());
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }

  private static boolean isEnabled(Module module) {
    try {
      return (boolean) Module.class.getMethod("isNativeAccessEnabled").invoke(module);
    } catch (NoSuchMethodException e) {
      return true; // An older JDK, which restricts nothing.
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }
}
