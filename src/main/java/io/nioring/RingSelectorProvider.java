package io.nioring;

import io.nioring.internal.platform.PlatformProvider;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.function.Function;

/**
 * A selector provider whose channels meet inside the JVM over byte rings.
 *
 * <p>Named with {@code -Djava.nio.channels.spi.SelectorProvider=io.nioring.RingSelectorProvider} it
 * serves every program in the JVM that opens channels and selectors the ordinary way, unchanged. It
 * is configured by the system properties {@code nioring.*} that {@link RingNetworkConfig} lists. As
 * an object of a {@link RingNetwork} it serves those that are handed it.
 *
 * <p>All methods may be called by any number of threads. The inherited channel is always the
 * platform's; datagram channels are in modes {@code hybrid} and {@code kernel}, unless a {@code
 * udp:} route says otherwise.
 */
public final class RingSelectorProvider extends SelectorProvider {
  /** Null as long as it is deferred. */
  private volatile RingNetwork network;

  /**
   * The parts of a network that is made when first asked for, since it only hands out the
   * platform's objects; null if it was made at once. A jar that is merely on the class path costs a
   * program's start no more than that.
   */
  private final RingNetworkConfig deferred;

  /** Where these objects come from; null if the network knows. */
  private final PlatformProvider platform;

  /** What opens the channels if they have an identity of their own; null for the network's. */
  private final ChannelOpener ownOpener;

  /**
   * Makes the provider of the JVM-wide network, as the JDK does for the {@code -D} flag or a
   * service file.
   *
   * @throws IllegalArgumentException if a system property {@code nioring.*} is unknown or has an
   *     invalid value; the message names it
   * @throws IllegalStateException if {@code nioring.hosts} needs a file that cannot be written
   */
  public RingSelectorProvider() {
    RingNetworkConfig config = ConfigProperties.ofSystem();
    boolean defers = config.isPlatformAlone() && !ConfigProperties.hasFaults();
    this.deferred = defers ? config : null;
    this.platform = defers ? PlatformProvider.lazy() : null;
    this.network = defers ? null : RingNetwork.ofJvm(this, config);
    this.ownOpener = null;
  }

  RingSelectorProvider(RingNetwork network) {
    this.network = network;
    this.deferred = null;
    this.platform = null;
    this.ownOpener = null;
  }

  /** A further provider of a network, with a channel opener made for it. */
  RingSelectorProvider(
      RingNetwork network, Function<RingSelectorProvider, ChannelOpener> ownOpener) {
    this.network = network;
    this.deferred = null;
    this.platform = null;
    this.ownOpener = ownOpener.apply(this);
  }

  private SelectorProvider opener() {
    if (platform != null) {
      return platform.get();
    }
    return ownOpener == null ? network.opener() : network.orPlatform(ownOpener);
  }

  /** {@return the network that this provider opens channels on} */
  public RingNetwork network() {
    RingNetwork present = network;
    return present == null ? makeDeferred() : present;
  }

  private synchronized RingNetwork makeDeferred() {
    if (network == null) {
      network = RingNetwork.ofJvm(this, deferred);
    }
    return network;
  }

  @Override
  public SocketChannel openSocketChannel() throws IOException {
    return opener().openSocketChannel();
  }

  /**
   * Opens a socket channel for addresses of one family.
   *
   * @param family {@code INET}, {@code INET6} or {@code UNIX}
   * @throws UnsupportedOperationException if it is none of these
   */
  @Override
  public SocketChannel openSocketChannel(ProtocolFamily family) throws IOException {
    return opener().openSocketChannel(family);
  }

  @Override
  public ServerSocketChannel openServerSocketChannel() throws IOException {
    return opener().openServerSocketChannel();
  }

  /**
   * Opens a server channel for addresses of one family.
   *
   * @param family {@code INET}, {@code INET6} or {@code UNIX}
   * @throws UnsupportedOperationException if it is none of these
   */
  @Override
  public ServerSocketChannel openServerSocketChannel(ProtocolFamily family) throws IOException {
    return opener().openServerSocketChannel(family);
  }

  @Override
  public AbstractSelector openSelector() throws IOException {
    return opener().openSelector();
  }

  @Override
  public Pipe openPipe() throws IOException {
    return opener().openPipe();
  }

  /**
   * Opens a datagram channel: one whose packets stay in this JVM in mode {@code ring} and where a
   * {@code udp:} route says so, otherwise the platform's.
   *
   * @throws UnsupportedOperationException if the platform's provider is needed and not available;
   *     the message names the flag that helps
   */
  @Override
  public DatagramChannel openDatagramChannel() throws IOException {
    return opener().openDatagramChannel();
  }

  /**
   * Opens a datagram channel for addresses of one family, as above.
   *
   * @param family {@code INET} or {@code INET6}
   * @throws UnsupportedOperationException if it is none of these, or the platform's provider is
   *     needed and not available
   */
  @Override
  public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
    return opener().openDatagramChannel(family);
  }

  /**
   * The channel that the process inherited, as the platform's provider gives it; null if there is
   * none.
   */
  @Override
  public Channel inheritedChannel() throws IOException {
    return opener().inheritedChannel();
  }
}
