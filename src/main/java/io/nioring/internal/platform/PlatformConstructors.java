package io.nioring.internal.platform;

import java.lang.reflect.Constructor;
import java.lang.reflect.Modifier;

/**
 * Constructs instances of the JDK's internal classes, by name.
 *
 * <p>A class is found by its name, which needs no export, and constructed through {@code
 * sun.reflect.ReflectionFactory} of the module {@code jdk.unsupported}, which may call any
 * constructor of a class in a package that is not exported. The factory exists for this purpose,
 * serialization frameworks do the same, and no warning is printed. It is called by reflection
 * because {@code javac} warns about its name. Where a flag exports the package to us, public
 * constructors of public classes are called without it.
 */
final class PlatformConstructors {
  static final String REFLECTION_FACTORY = "sun.reflect.ReflectionFactory";

  private PlatformConstructors() {}

  /**
   * Loads a class of the JDK without initializing it.
   *
   * @throws ClassNotFoundException if this JDK has no class of that name
   */
  static Class<?> load(String name) throws ClassNotFoundException {
    return Class.forName(name, false, ClassLoader.getPlatformClassLoader());
  }

  /**
   * Constructs an object by a public or package-private constructor.
   *
   * @param name the class
   * @param types the parameters of the constructor
   * @param arguments the arguments
   * @throws UnsupportedOperationException if that is not possible in this run time; the message
   *     names the flag of the {@code java} command that would help
   */
  static Object make(String name, Class<?>[] types, Object... arguments) {
    try {
      Class<?> concrete = load(name);
      Constructor<?> constructor = concrete.getDeclaredConstructor(types);
      Constructor<?> callable =
          isAccessible(constructor)
              ? constructor
              : callable(concrete, constructor, REFLECTION_FACTORY);
      return callable.newInstance(arguments);
    } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
      throw new UnsupportedOperationException(helpfulMessage("The platform's " + name), e);
    }
  }

  private static boolean isAccessible(Constructor<?> constructor) {
    Class<?> concrete = constructor.getDeclaringClass();
    return Modifier.isPublic(constructor.getModifiers() & concrete.getModifiers())
        && concrete.getModule().isExported(concrete.getPackageName(), ourModule());
  }

  /**
   * Makes a constructor callable.
   *
   * @param factory the name of the reflection factory
   */
  static Constructor<?> callable(Class<?> concrete, Constructor<?> constructor, String factory)
      throws ReflectiveOperationException {
    Class<?> factoryClass = load(factory);
    return (Constructor<?>)
        factoryClass
            .getMethod("newConstructorForSerialization", Class.class, Constructor.class)
            .invoke(
                factoryClass.getMethod("getReflectionFactory").invoke(null), concrete, constructor);
  }

  /** The exception if a platform class is not available; it names the remedy. */
  static String helpfulMessage(String what) {
    String target = ourModule().isNamed() ? ourModule().getName() : "ALL-UNNAMED";
    return what
        + " is not available, so nothing that needs the kernel works here; start java with"
        + " --add-modules jdk.unsupported, or with --add-exports java.base/sun.nio.ch="
        + target;
  }

  static Module ourModule() {
    return PlatformConstructors.class.getModule();
  }
}
