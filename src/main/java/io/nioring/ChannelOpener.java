package io.nioring;

import io.nioring.channel.AddressFamily;
import io.nioring.channel.NetworkResources;
import io.nioring.channel.RingPipe;
import io.nioring.channel.RingServerSocketChannel;
import io.nioring.channel.RingSocketChannel;
import io.nioring.select.RingSelector;
import java.net.ProtocolFamily;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;

/** Opens the channels and selectors of a network that has rings. */
final class ChannelOpener {
  private final NetworkResources resources;
  private final AddressFamily defaultFamily;

  ChannelOpener(NetworkResources resources, AddressFamily defaultFamily) {
    this.resources = resources;
    this.defaultFamily = defaultFamily;
  }

  SocketChannel openSocketChannel() {
    return new RingSocketChannel(resources, defaultFamily);
  }

  SocketChannel openSocketChannel(ProtocolFamily family) {
    return new RingSocketChannel(resources, AddressFamily.of(family));
  }

  ServerSocketChannel openServerSocketChannel() {
    return new RingServerSocketChannel(resources, defaultFamily);
  }

  ServerSocketChannel openServerSocketChannel(ProtocolFamily family) {
    return new RingServerSocketChannel(resources, AddressFamily.of(family));
  }

  AbstractSelector openSelector() {
    return new RingSelector(resources.provider(), resources.platform(), resources.spinNanos());
  }

  Pipe openPipe() {
    return new RingPipe(resources);
  }
}
