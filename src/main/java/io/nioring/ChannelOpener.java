package io.nioring;

import io.nioring.internal.channel.RingDatagramChannel;
import io.nioring.internal.channel.RingPipe;
import io.nioring.internal.channel.RingServerSocketChannel;
import io.nioring.internal.channel.RingSocketChannel;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.platform.FirstUses;
import io.nioring.internal.select.RingSelector;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.function.BooleanSupplier;

/**
 * Opens the channels and selectors of a network that has rings. The channels do not show it: their
 * provider is the network's.
 */
final class ChannelOpener extends SelectorProvider {
  private final NetworkResources resources;
  private final boolean prefersIpv4;

  /**
   * Makes an opener.
   *
   * @param prefersIpv4 whether IPv6 is not to be used, whatever the platform has
   */
  ChannelOpener(NetworkResources resources, boolean prefersIpv4) {
    this.resources = resources;
    this.prefersIpv4 = prefersIpv4;
  }

  /** Whether the platform has IPv6, once that is asked. */
  private final class Ipv6 implements BooleanSupplier {
    @Override
    public boolean getAsBoolean() {
      return hasIpv6();
    }
  }

  /** Whether channels are opened for IPv6 too. */
  boolean hasIpv6() {
    return !prefersIpv4 && resources.platform().hasIpv6();
  }

  /** The addresses accepted by a channel or socket that is opened without a family. */
  AddressFamily defaultFamily() {
    return hasIpv6() ? AddressFamily.INET : AddressFamily.INET4;
  }

  @Override
  public SocketChannel openSocketChannel() {
    return new RingSocketChannel(resources, defaultFamily());
  }

  @Override
  public SocketChannel openSocketChannel(ProtocolFamily family) {
    return new RingSocketChannel(resources, AddressFamily.of(family, new Ipv6()));
  }

  @Override
  public ServerSocketChannel openServerSocketChannel() {
    return new RingServerSocketChannel(resources, defaultFamily());
  }

  @Override
  public ServerSocketChannel openServerSocketChannel(ProtocolFamily family) {
    return new RingServerSocketChannel(resources, AddressFamily.of(family, new Ipv6()));
  }

  @Override
  public AbstractSelector openSelector() throws IOException {
    RingSelector selector =
        new RingSelector(
            resources.provider(), resources.platform(), resources.spinning(), resources.clock());
    resources.verdicts().selectorOpened(selector); // before it has anything to be closed
    if (resources.mayReachKernel()) {
      selector.reachKernel();
    }
    return selector;
  }

  @Override
  public Pipe openPipe() {
    return RingPipe.open(resources);
  }

  @Override
  public DatagramChannel openDatagramChannel() throws IOException {
    if (!resources.hasDatagrams()) {
      return resources.platform().get().openDatagramChannel();
    }
    FirstUses.ofDatagrams();
    return RingDatagramChannel.open(resources, defaultFamily());
  }

  @Override
  public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
    if (!resources.hasDatagrams()) {
      return resources.platform().get().openDatagramChannel(family);
    }
    FirstUses.ofDatagrams();
    return RingDatagramChannel.open(resources, AddressFamily.of(family, new Ipv6()));
  }

  @Override
  public Channel inheritedChannel() throws IOException {
    return resources.platform().get().inheritedChannel();
  }
}
