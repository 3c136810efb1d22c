package io.nioring.internal.platform;

import java.nio.channels.spi.SelectorProvider;
import java.util.List;
import java.util.function.Supplier;

/**
 * Obtains the JDK's provider from its internal package {@code sun.nio.ch}.
 *
 * <h2>How it works</h2>
 *
 * {@code SelectorProvider.provider()} cannot be used: it is null while the provider that a system
 * property names is being constructed, and is that provider later.
 *
 * <ol>
 *   <li>Where a flag exports {@code sun.nio.ch} to us, its public factory is called.
 *   <li>Otherwise the provider's class is constructed by name, see {@link PlatformConstructors}.
 * </ol>
 *
 * No class is initialized before it is used, so this may run while {@code SelectorProvider} itself
 * is being initialized.
 */
final class PlatformProviderLookup implements Supplier<SelectorProvider> {

  /** Each of these exists only in the JDKs of its systems; the last one is the fallback. */
  private static final List<String> CONCRETE_CLASSES =
      List.of(
          "sun.nio.ch.EPollSelectorProvider", // Linux
          "sun.nio.ch.KQueueSelectorProvider", // macOS and the BSDs
          "sun.nio.ch.WEPollSelectorProvider", // Windows
          "sun.nio.ch.PollSelectorProvider"); // AIX, and any other Unix

  private static final String INTERNAL_PACKAGE = "sun.nio.ch";
  private static final String DEFAULT_FACTORY = "sun.nio.ch.DefaultSelectorProvider";

  private final List<String> concreteClasses;
  private final String reflectionFactory;

  PlatformProviderLookup() {
    this(CONCRETE_CLASSES, PlatformConstructors.REFLECTION_FACTORY);
  }

  /** For tests: looks for classes other than the JDK's. */
  PlatformProviderLookup(List<String> concreteClasses, String reflectionFactory) {
    this.concreteClasses = List.copyOf(concreteClasses);
    this.reflectionFactory = reflectionFactory;
  }

  @Override
  public SelectorProvider get() {
    try {
      return isInternalPackageExported() ? fromDefaultFactory() : fromConstructor();
    } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
      throw new UnsupportedOperationException(
          PlatformConstructors.helpfulMessage("The platform's SelectorProvider"), e);
    }
  }

  private static boolean isInternalPackageExported() {
    return SelectorProvider.class
        .getModule()
        .isExported(INTERNAL_PACKAGE, PlatformConstructors.ourModule());
  }

  private static SelectorProvider fromDefaultFactory() throws ReflectiveOperationException {
    return (SelectorProvider)
        PlatformConstructors.load(DEFAULT_FACTORY).getMethod("get").invoke(null);
  }

  private SelectorProvider fromConstructor() throws ReflectiveOperationException {
    Class<?> concrete = concreteClass();
    return (SelectorProvider)
        PlatformConstructors.callable(concrete, concrete.getConstructor(), reflectionFactory)
            .newInstance();
  }

  private Class<?> concreteClass() throws ClassNotFoundException {
    for (String name : concreteClasses) {
      try {
        return PlatformConstructors.load(name);
      } catch (ClassNotFoundException e) {
        // A class of another system: try the next.
      }
    }
    throw new ClassNotFoundException("none of " + concreteClasses + " exists");
  }
}
