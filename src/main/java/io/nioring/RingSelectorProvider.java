package io.nioring;

import java.io.IOException;
import java.net.ProtocolFamily;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;

/**
 * A selector provider whose channels meet inside the JVM over byte rings.
 *
 * <p>Named with {@code -Djava.nio.channels.spi.SelectorProvider=io.nioring.RingSelectorProvider} it
 * serves every program in the JVM that opens channels and selectors the ordinary way, unchanged. It
 * is configured by the system properties {@code nioring.*} that {@link RingNetworkConfig} lists. As
 * an object of a {@link RingNetwork} it serves those that are handed it.
 *
 * <p>All methods may be called by any number of threads. Datagram channels and the inherited
 * channel are always the platform's.
 */
public final class RingSelectorProvider extends SelectorProvider {
  private final RingNetwork network;

  /**
   * Makes the provider of the JVM-wide network, as the JDK does for the {@code -D} flag or a
   * service file.
   *
   * @throws IllegalArgumentException if a system property {@code nioring.*} is unknown or bad; the
   *     message names it
   */
  public RingSelectorProvider() {
    this.network = RingNetwork.ofJvm(this);
  }

  RingSelectorProvider(RingNetwork network) {
    this.network = network;
  }

  /** {@return the network that this provider opens channels on} */
  public RingNetwork network() {
    return network;
  }

  @Override
  public SocketChannel openSocketChannel() throws IOException {
    return network.opener().openSocketChannel();
  }

  /**
   * Opens a socket channel for addresses of one family.
   *
   * @param family {@code INET}, {@code INET6} or {@code UNIX}
   * @throws UnsupportedOperationException if it is none of these
   */
  @Override
  public SocketChannel openSocketChannel(ProtocolFamily family) throws IOException {
    return network.opener().openSocketChannel(family);
  }

  @Override
  public ServerSocketChannel openServerSocketChannel() throws IOException {
    return network.opener().openServerSocketChannel();
  }

  /**
   * Opens a server channel for addresses of one family.
   *
   * @param family {@code INET}, {@code INET6} or {@code UNIX}
   * @throws UnsupportedOperationException if it is none of these
   */
  @Override
  public ServerSocketChannel openServerSocketChannel(ProtocolFamily family) throws IOException {
    return network.opener().openServerSocketChannel(family);
  }

  @Override
  public AbstractSelector openSelector() throws IOException {
    return network.opener().openSelector();
  }

  @Override
  public Pipe openPipe() throws IOException {
    return network.opener().openPipe();
  }

  /**
   * Opens a datagram channel of the platform's.
   *
   * @throws UnsupportedOperationException if the platform's provider cannot be had; the message
   *     names the flag that helps
   */
  @Override
  public DatagramChannel openDatagramChannel() throws IOException {
    return network.opener().openDatagramChannel();
  }

  /**
   * Opens a datagram channel of the platform's.
   *
   * @throws UnsupportedOperationException if the family is not supported, or the platform's
   *     provider cannot be had
   */
  @Override
  public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
    return network.opener().openDatagramChannel(family);
  }

  /** The channel that the process inherited, from the platform; null if there is none. */
  @Override
  public Channel inheritedChannel() throws IOException {
    return network.opener().inheritedChannel();
  }
}
