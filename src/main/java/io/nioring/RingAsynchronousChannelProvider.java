package io.nioring;

import io.nioring.internal.async.AsynchronousChannels;
import io.nioring.internal.platform.FirstUses;
import io.nioring.internal.platform.PlatformAsynchronousProvider;
import java.io.IOException;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;

/**
 * A provider of asynchronous channels, which meet those of the {@link RingSelectorProvider} inside
 * the JVM.
 *
 * <p>Named with {@code
 * -Djava.nio.channels.spi.AsynchronousChannelProvider=io.nioring.RingAsynchronousChannelProvider},
 * beside the property of the selector provider, it serves every program in the JVM. As an object of
 * a {@link RingNetwork} it serves those that are handed it.
 *
 * <p>Its channels go over rings or through the kernel as those of the selector provider do: by the
 * network's mode and routes. Groups are its own too, and serve both. If the network has no rings,
 * in mode {@code kernel} without routes, channels and groups are the platform's.
 *
 * <p>All methods may be called by any number of threads.
 */
public final class RingAsynchronousChannelProvider extends AsynchronousChannelProvider {
  private final RingNetwork network;

  /** What opens channels; null if the platform's provider opens them. */
  private final AsynchronousChannels rings;

  private final PlatformAsynchronousProvider platform = new PlatformAsynchronousProvider();

  /**
   * Makes the provider of the JVM-wide network, as the JDK does for the {@code -D} flag.
   *
   * @throws IllegalStateException if the selector provider of the JVM is not a {@link
   *     RingSelectorProvider}: there is no such network then
   */
  public RingAsynchronousChannelProvider() {
    this(networkOfJvm());
  }

  RingAsynchronousChannelProvider(RingNetwork network) {
    this.network = network;
    this.rings = network.asynchronousOpener(this, platform);
  }

  private static RingNetwork networkOfJvm() {
    if (SelectorProvider.provider() instanceof RingSelectorProvider ours) {
      return ours.network();
    }
    throw new IllegalStateException(
        "the JVM's SelectorProvider is "
            + SelectorProvider.provider().getClass().getName()
            + "; set -Djava.nio.channels.spi.SelectorProvider="
            + RingSelectorProvider.class.getName()
            + " too");
  }

  private boolean opensRings() {
    if (rings != null) {
      FirstUses.ofAsynchronousChannels();
    }
    return rings != null;
  }

  /** Lets the threads of the default group end. */
  void networkClosed() {
    if (rings != null) {
      rings.networkClosed();
    }
  }

  /** {@return the network that this provider opens channels on} */
  public RingNetwork network() {
    return network;
  }

  @Override
  public AsynchronousChannelGroup openAsynchronousChannelGroup(int nThreads, ThreadFactory factory)
      throws IOException {
    return opensRings()
        ? rings.openGroup(this, nThreads, factory)
        : platform.get().openAsynchronousChannelGroup(nThreads, factory);
  }

  @Override
  public AsynchronousChannelGroup openAsynchronousChannelGroup(
      ExecutorService executor, int initialSize) throws IOException {
    return opensRings()
        ? rings.openGroup(this, executor, initialSize)
        : platform.get().openAsynchronousChannelGroup(executor, initialSize);
  }

  @Override
  public AsynchronousServerSocketChannel openAsynchronousServerSocketChannel(
      AsynchronousChannelGroup group) throws IOException {
    return opensRings()
        ? rings.openServerSocketChannel(group)
        : platform.get().openAsynchronousServerSocketChannel(group);
  }

  @Override
  public AsynchronousSocketChannel openAsynchronousSocketChannel(AsynchronousChannelGroup group)
      throws IOException {
    return opensRings()
        ? rings.openSocketChannel(group)
        : platform.get().openAsynchronousSocketChannel(group);
  }
}
