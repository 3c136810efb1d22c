package io.nioring.internal.platform;

/**
 * Whether JNR-POSIX may load its native library without the JVM printing a warning or refusing.
 *
 * <p>Since JDK 24 {@code System.load} is a restricted method (JEP 472): a caller's module wants
 * {@code --enable-native-access}, or a warning is printed. {@code Module.isNativeAccessEnabled}
 * tells; it came with JDK 22 and so is called by reflection.
 */
final class NativeAccess {

  /** The module of this class of JFFI, which JNR-POSIX stands on, is the one that calls load. */
  private static final String LOADING_CLASS = "com.kenai.jffi.Foreign";

  private NativeAccess() {}

  /** Tells whether the library, if it is there at all, can be loaded quietly. */
  static boolean isQuiet() {
    return isQuiet(LOADING_CLASS);
  }

  /** As {@link #isQuiet()}, with the name of a class that loads native code. */
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
