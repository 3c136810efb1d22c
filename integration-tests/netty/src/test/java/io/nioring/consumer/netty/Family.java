package io.nioring.consumer.netty;

import io.netty.channel.Channel;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.nioring.consumer.TemporaryDirectory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

/** The families of addresses that Netty has channels for. */
enum Family {
  INET(NioServerSocketChannel.class, NioSocketChannel.class, true),
  UNIX(NioServerDomainSocketChannel.class, NioDomainSocketChannel.class, false);

  final Class<? extends ServerChannel> serverType;
  final Class<? extends Channel> clientType;

  /**
   * Whether a channel can still write after it has read the end. Netty heeds {@code
   * ALLOW_HALF_CLOSURE} of internet channels alone: one of the other family closes at the end, and
   * drops what it has not written yet.
   */
  final boolean answersAfterEnd;

  Family(
      Class<? extends ServerChannel> serverType,
      Class<? extends Channel> clientType,
      boolean answersAfterEnd) {
    this.serverType = serverType;
    this.clientType = clientType;
    this.answersAfterEnd = answersAfterEnd;
  }

  /** An address that a server can be bound to. */
  SocketAddress freeAddress() throws IOException {
    return this == INET
        ? new InetSocketAddress("127.0.0.1", 0)
        : UnixDomainSocketAddress.of(TemporaryDirectory.make().resolve("netty.socket"));
  }
}
