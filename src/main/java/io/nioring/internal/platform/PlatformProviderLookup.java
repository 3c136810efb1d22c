package io.nioring.internal.platform;

import java.lang.reflect.Constructor;
import java.nio.channels.spi.SelectorProvider;
import java.util.List;
import java.util.function.Supplier;

/**
 * Gets the JDK's provider out of its internal package {@code sun.nio.ch}.
 *
 * <h2>How it works</h2>
 *
 * {@code SelectorProvider.provider()} is not the way: it is null while the provider that a system
 * property names is being constructed, and is that provider later.
 *
 * <ol>
 *   <li>Where {@code sun.nio.ch} is exported to us by a flag, its public factory is called.
 *   <li>Otherwise the provider's class is found by name, which needs no export, and constructed by
 *       way of {@code sun.reflect.ReflectionFactory} of the module {@code jdk.unsupported}, which
 *       may call the constructor of a class in a package that is not exported. That is what the
 *       factory exists for, serialization frameworks do the same, and it prints no warning. It is
 *       called by reflection because {@code javac} warns of its name.
 * </ol>
 *
 * Nothing is initialized before it is called, so this may run while {@code SelectorProvider} itself
 * is being initialized.
 */
final class PlatformProviderLookup implements Supplier<SelectorProvider> {

  /** Each of these exists in the JDKs of its own systems alone; the last one is the spare. */
  private static final List<String> CONCRETE_CLASSES =
      List.of(
          "sun.nio.ch.EPollSelectorProvider", // Linux
          "sun.nio.ch.KQueueSelectorProvider", // macOS and the BSDs
          "sun.nio.ch.WEPollSelectorProvider", // Windows
          "sun.nio.ch.PollSelectorProvider"); // AIX, and any other Unix

  private static final String INTERNAL_PACKAGE = "sun.nio.ch";
  private static final String DEFAULT_FACTORY = "sun.nio.ch.DefaultSelectorProvider";
  private static final String REFLECTION_FACTORY = "sun.reflect.ReflectionFactory";

  private final List<String> concreteClasses;
  private final String reflectionFactory;

  PlatformProviderLookup() {
    this(CONCRETE_CLASSES, REFLECTION_FACTORY);
  }

  /** For tests: looks for other classes than the JDK's. */
  PlatformProviderLookup(List<String> concreteClasses, String reflectionFactory) {
    this.concreteClasses = List.copyOf(concreteClasses);
    this.reflectionFactory = reflectionFactory;
  }

  @Override
  public SelectorProvider get() {
    try {
      return isInternalPackageExported() ? fromDefaultFactory() : fromConstructor();
    } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
      throw new UnsupportedOperationException(helpfulMessage(), e);
    }
  }

  private static boolean isInternalPackageExported() {
    return SelectorProvider.class.getModule().isExported(INTERNAL_PACKAGE, ourModule());
  }

  private static SelectorProvider fromDefaultFactory() throws ReflectiveOperationException {
    return (SelectorProvider) load(DEFAULT_FACTORY).getMethod("get").invoke(null);
  }

  private SelectorProvider fromConstructor() throws ReflectiveOperationException {
    Class<?> concrete = concreteClass();
    Class<?> factory = load(reflectionFactory);
    Constructor<?> callable =
        (Constructor<?>)
            factory
                .getMethod("newConstructorForSerialization", Class.class, Constructor.class)
                .invoke(
                    factory.getMethod("getReflectionFactory").invoke(null),
                    concrete,
                    concrete.getConstructor());
    return (SelectorProvider) callable.newInstance();
  }

  private Class<?> concreteClass() throws ClassNotFoundException {
    for (String name : concreteClasses) {
      try {
        return load(name);
      } catch (ClassNotFoundException e) {
        // A class of another system: try the next.
      }
    }
    throw new ClassNotFoundException("none of " + concreteClasses + " exists");
  }

  private static Class<?> load(String name) throws ClassNotFoundException {
    return Class.forName(name, false, ClassLoader.getPlatformClassLoader());
  }

  private static String helpfulMessage() {
    String target = ourModule().isNamed() ? ourModule().getName() : "ALL-UNNAMED";
    return "The platform's SelectorProvider can't be had, so nothing that needs the kernel works"
        + " here; start java with --add-modules jdk.unsupported, or with --add-exports"
        + " java.base/"
        + INTERNAL_PACKAGE
        + "="
        + target;
  }

  private static Module ourModule() {
    return PlatformProviderLookup.class.getModule();
  }
}
