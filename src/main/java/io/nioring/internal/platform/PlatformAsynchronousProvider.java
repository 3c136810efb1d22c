package io.nioring.internal.platform;

import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.List;

/**
 * The platform's own {@link AsynchronousChannelProvider}, looked up when it is first needed.
 *
 * <p>{@code AsynchronousChannelProvider.provider()} cannot be used: it returns ours where a system
 * property names ours. Thread-safe.
 */
public final class PlatformAsynchronousProvider {
  private static final String LINUX = "sun.nio.ch.LinuxAsynchronousChannelProvider";

  /** Each of these exists only in the JDKs of its systems. */
  private static final List<String> CONCRETE_CLASSES =
      List.of(
          LINUX,
          "sun.nio.ch.BsdAsynchronousChannelProvider", // macOS
          "sun.nio.ch.WindowsAsynchronousChannelProvider",
          "sun.nio.ch.AixAsynchronousChannelProvider");

  /** Guarded by the monitor; null until it is found. */
  private AsynchronousChannelProvider found;

  /**
   * Returns the platform's provider.
   *
   * @return the same provider each time
   * @throws UnsupportedOperationException if it is not available in this run time; the message
   *     names the flag of the {@code java} command that would help
   */
  public synchronized AsynchronousChannelProvider get() {
    if (found == null) {
      found =
          (AsynchronousChannelProvider) PlatformConstructors.make(concreteClass(), new Class<?>[0]);
    }
    return found;
  }

  private static String concreteClass() {
    for (String name : CONCRETE_CLASSES) {
      try {
        return PlatformConstructors.load(name).getName();
      } catch (ClassNotFoundException e) {
        // A class of another system: try the next.
      }
    }
    return LINUX; // whose message names what is missing
  }
}
