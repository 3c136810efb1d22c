package io.nioring.internal.platform;

import java.nio.channels.spi.SelectorProvider;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * The platform's own {@link SelectorProvider}, found when it is first asked for.
 *
 * <p>Whatever needs the kernel asks here: kernel-backed channels, the inner selectors, the
 * inherited channel. Pure ring use never does, and so never pays for the search nor fails with it.
 * Safe for use by many threads; all of them get the same provider. No lock is held while the
 * platform's code runs.
 */
public final class PlatformProvider {

  private final Supplier<SelectorProvider> source;
  private final AtomicReference<SelectorProvider> found = new AtomicReference<>();

  /**
   * Makes a holder of what a source gives.
   *
   * @param source asked until it gives a provider once, by several threads at a time when these
   *     come first; the provider that was given first is kept. It may throw {@link
   *     UnsupportedOperationException} where there is no provider
   */
  public PlatformProvider(Supplier<SelectorProvider> source) {
    this.source = Objects.requireNonNull(source, "source");
  }

  /**
   * Returns a holder of the platform's provider that has not looked for it yet.
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
   * @throws UnsupportedOperationException if it can't be had in this run time; the message names
   *     the flag of the {@code java} command that would help
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
   * Tells whether {@link #get} gives a provider. Looks for it if that was not done yet.
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
