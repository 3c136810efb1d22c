package io.nioring.consumer.netty;

import io.netty.channel.Channel;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;

/** The families of addresses that Netty has channels for. */
enum Family {
  INET(NioServerSocketChannel.class, NioSocketChannel.class),
  UNIX(NioServerDomainSocketChannel.class, NioDomainSocketChannel.class);

  final Class<? extends ServerChannel> serverType;
  final Class<? extends Channel> clientType;

  Family(Class<? extends ServerChannel> serverType, Class<? extends Channel> clientType) {
    this.serverType = serverType;
    this.clientType = clientType;
  }

  /** An address that a server can be bound to. */
  SocketAddress freeAddress() throws IOException {
    return this == INET
        ? new InetSocketAddress("127.0.0.1", 0)
        : UnixDomainSocketAddress.of(Files.createTempDirectory("consumer").resolve("netty.socket"));
  }
}
