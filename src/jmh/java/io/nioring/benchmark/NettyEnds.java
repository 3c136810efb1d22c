package io.nioring.benchmark;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.TimeUnit;

/**
 * A Netty server and its clients in one process, each side with one event loop of its own.
 *
 * <p>The transport {@code local} is Netty's own in-process one, {@code ring-inet} and {@code tcp}
 * are its NIO transport on the provider of that {@link Transport}.
 */
final class NettyEnds implements AutoCloseable {
  private static final long WAIT_SECONDS = 10;

  private final Transport transport;
  private final EventLoopGroup serverLoop;
  private final EventLoopGroup clientLoop;
  private final ServerBootstrap server = new ServerBootstrap();
  private final Bootstrap client = new Bootstrap();
  private final SocketAddress wanted;
  private SocketAddress bound;

  private NettyEnds(
      Transport transport,
      IoHandlerFactory handlers,
      ChannelFactory<? extends ServerChannel> listening,
      ChannelFactory<? extends Channel> connecting,
      SocketAddress wanted) {
    this.transport = transport;
    this.serverLoop = new MultiThreadIoEventLoopGroup(1, handlers);
    this.clientLoop = new MultiThreadIoEventLoopGroup(1, handlers);
    this.wanted = wanted;
    server.group(serverLoop).channelFactory(listening);
    client.group(clientLoop).channelFactory(connecting);
  }

  static NettyEnds open(String name) {
    if (name.equals("local")) {
      return new NettyEnds(
          null,
          LocalIoHandler.newFactory(),
          LocalServerChannel::new,
          LocalChannel::new,
          LocalAddress.ANY);
    }
    Transport transport = Transport.open(name);
    SelectorProvider provider = transport.provider();
    return new NettyEnds(
        transport,
        NioIoHandler.newFactory(provider),
        () -> new NioServerSocketChannel(provider),
        () -> new NioSocketChannel(provider),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  /** Starts the server; its connections get their handlers from this initializer. */
  void serve(ChannelHandler initializer) {
    bound =
        server
            .childHandler(initializer)
            .bind(wanted)
            .syncUninterruptibly()
            .channel()
            .localAddress();
  }

  /** Connects one client, whose handlers come from this initializer. */
  Channel connect(ChannelHandler initializer) {
    return client.clone().handler(initializer).connect(bound).syncUninterruptibly().channel();
  }

  @Override
  public void close() throws IOException {
    clientLoop.shutdownGracefully(0, WAIT_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
    serverLoop.shutdownGracefully(0, WAIT_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
    Resources.closeAll(transport);
  }
}
