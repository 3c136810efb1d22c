package io.nioring.internal.platform;

import java.lang.reflect.Constructor;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.List;

/**
 * The platform's own {@link AsynchronousChannelProvider}, found when it is first asked for.
 *
 * <p>{@code AsynchronousChannelProvider.provider()} is not the way: it is ours where a system
 * property names ours. The class is found by name and constructed as that of the selector provider
 * is, see {@link PlatformProviderLookup}. Thread-safe.
 */
public final class PlatformAsynchronousProvider {
  /** Each of these exists in the JDKs of its own systems alone. */
  private static final List<String> CONCRETE_CLASSES =
      List.of(
          "sun.nio.ch.LinuxAsynchronousChannelProvider",
          "sun.nio.ch.BsdAsynchronousChannelProvider", // macOS
          "sun.nio.ch.WindowsAsynchronousChannelProvider",
          "sun.nio.ch.AixAsynchronousChannelProvider");

  private static final String INTERNAL_PACKAGE = "sun.nio.ch";
  private static final String REFLECTION_FACTORY = "sun.reflect.ReflectionFactory";

  /** Guarded by the monitor; null until it is found. */
  private AsynchronousChannelProvider found;

  /**
   * Returns the platform's provider.
   *
   * @return the same provider each time
   * @throws UnsupportedOperationException if it can't be had in this run time; the message names
   *     the flag of the {@code java} command that would help
   */
  public synchronized AsynchronousChannelProvider get() {
    if (found == null) {
      found = make();
    }
    return found;
  }

  private static AsynchronousChannelProvider make() {
    try {
      Constructor<?> constructor = concreteClass().getConstructor();
      return (AsynchronousChannelProvider)
          (isInternalPackageExported() ? constructor : callable(constructor)).newInstance();
    } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
      throw new UnsupportedOperationException(helpfulMessage(), e);
    }
  }

  private static Class<?> concreteClass() throws ClassNotFoundException {
    for (String name : CONCRETE_CLASSES) {
      try {
        return load(name);
      } catch (ClassNotFoundException e) {
        // A class of another system: try the next.
      }
    }
    throw new ClassNotFoundException("none of " + CONCRETE_CLASSES + " exists");
  }

  private static boolean isInternalPackageExported() {
    return AsynchronousChannelProvider.class
        .getModule()
        .isExported(INTERNAL_PACKAGE, PlatformAsynchronousProvider.class.getModule());
  }

  private static Constructor<?> callable(Constructor<?> constructor)
      throws ReflectiveOperationException {
    Class<?> factory = load(REFLECTION_FACTORY);
    return (Constructor<?>)
        factory
            .getMethod("newConstructorForSerialization", Class.class, Constructor.class)
            .invoke(
                factory.getMethod("getReflectionFactory").invoke(null),
                constructor.getDeclaringClass(),
                constructor);
  }

  private static Class<?> load(String name) throws ClassNotFoundException {
    return Class.forName(name, false, ClassLoader.getPlatformClassLoader());
  }

  private static String helpfulMessage() {
    Module ours = PlatformAsynchronousProvider.class.getModule();
    return "The platform's AsynchronousChannelProvider can't be had; start java with --add-modules"
        + " jdk.unsupported, or with --add-exports java.base/"
        + INTERNAL_PACKAGE
        + "="
        + (ours.isNamed() ? ours.getName() : "ALL-UNNAMED");
  }
}
