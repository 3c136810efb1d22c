package io.nioring.internal.platform;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.Channel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * The platform's own {@link SelectorProvider}, looked up when it is first needed.
 *
 * <p>Whatever needs the kernel asks here: kernel-backed channels, the inner selectors, the
 * inherited channel. Pure ring use asks only whether there is IPv6, once, and does not fail without
 * a provider. Thread-safe; all threads get the same provider. No lock is held while the platform's
 * code runs.
 */
public final class PlatformProvider {

  private final Supplier<SelectorProvider> source;
  private final AtomicReference<SelectorProvider> found = new AtomicReference<>();

  /** Whether the platform has IPv6; null until known. */
  private volatile Boolean ipv6;

  /**
   * Makes a holder of the provider that a source returns.
   *
   * @param source called until it returns a provider, at first perhaps by several threads at once;
   *     the first provider returned is kept. It may throw {@link UnsupportedOperationException}
   *     where there is no provider
   */
  public PlatformProvider(Supplier<SelectorProvider> source) {
    this.source = Objects.requireNonNull(source, "source");
  }

  /**
   * Returns a holder that has not looked up the platform's provider yet.
   *
   * @return a new holder
   */
  public static PlatformProvider lazy() {
    return new PlatformProvider(new PlatformProviderLookup());
  }

  /**
   * Returns the platform's provider.
   *
   * @return the same provider each time
   * @throws UnsupportedOperationException if it is not available in this run time; the message
   *     names the flag of the {@code java} command that would help
   */
  public SelectorProvider get() {
    SelectorProvider provider = found.get();
    return provider != null ? provider : find();
  }

  private SelectorProvider find() {
    SelectorProvider candidate = source.get();
    if (candidate == null) {
      throw new UnsupportedOperationException(
          "There is no platform provider: the source gave null");
    }
    return found.compareAndSet(null, candidate) ? candidate : found.get();
  }

  /**
   * Returns whether the platform opens IPv6 sockets, which it decides when the JVM starts. Asked
   * once; after a failure for another reason, such as a lack of descriptors, asked again the next
   * time.
   *
   * @return true also where there is no platform provider
   */
  public boolean hasIpv6() {
    Boolean known = ipv6;
    return known != null ? known : !isAvailable() || askForIpv6();
  }

  private boolean askForIpv6() {
    try (Channel probe = get().openSocketChannel(StandardProtocolFamily.INET6)) {
      ipv6 = probe.isOpen();
    } catch (UnsupportedOperationException e) {
      ipv6 = false;
      return false;
    } catch (IOException e) {
      // Without IPv6 it does not get as far as to ask for a descriptor.
    }
    return true;
  }

  /**
   * Returns whether {@link #get} returns a provider. Looks it up if that was not done yet.
   *
   * @return false if {@code get} throws {@link UnsupportedOperationException}
   */
  public boolean isAvailable() {
    try {
      get();
      return true;
    } catch (UnsupportedOperationException e) {
      return false;
    }
  }
}
