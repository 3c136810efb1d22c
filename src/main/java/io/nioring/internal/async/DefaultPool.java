package io.nioring.internal.async;

import java.util.concurrent.ThreadFactory;

/**
 * The program's settings for the threads of the default group, see {@link
 * java.nio.channels.AsynchronousChannelGroup}.
 *
 * @param threadFactory the factory of the threads; null if none is named
 * @param initialSize how many stay while idle; negative if not set
 */
public record DefaultPool(ThreadFactory threadFactory, int initialSize) {

  /**
   * Makes the settings of two properties.
   *
   * @param factoryClass the name of a class with a public constructor without parameters, or null
   * @param initialSize a number, or null
   * @throws IllegalArgumentException if they are malformed
   */
  public static DefaultPool of(String factoryClass, String initialSize) {
    return new DefaultPool(
        factoryClass == null ? null : factory(factoryClass),
        initialSize == null ? -1 : size(initialSize));
  }

  /** How many threads wait in the kernel, if there are kernel channels. */
  int pollers() {
    return initialSize < 0 ? Runtime.getRuntime().availableProcessors() : initialSize;
  }

  private static ThreadFactory factory(String name) {
    try {
      Class<?> named = Class.forName(name, true, ClassLoader.getSystemClassLoader());
      return (ThreadFactory) named.getConstructor().newInstance();
    } catch (ReflectiveOperationException | ClassCastException | LinkageError e) {
      throw new IllegalArgumentException(
          "Property java.nio.channels.DefaultThreadPool.threadFactory="
              + name
              + " is not a factory",
          e);
    }
  }

  private static int size(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "Property java.nio.channels.DefaultThreadPool.initialSize=" + text + " is not a number",
          e);
    }
  }
}
