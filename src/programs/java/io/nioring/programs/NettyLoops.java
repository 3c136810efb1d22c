package io.nioring.programs;

import io.netty.channel.Channel;
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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;

/** One event loop for servers and one for clients, of the kind that this machine runs on. */
final class NettyLoops implements AutoCloseable {
  private final boolean local = Wire.ofThisMachine() == Wire.LOCAL;
  private final EventLoopGroup server = new MultiThreadIoEventLoopGroup(1, handlers());
  private final EventLoopGroup client = new MultiThreadIoEventLoopGroup(1, handlers());

  private IoHandlerFactory handlers() {
    return local ? LocalIoHandler.newFactory() : NioIoHandler.newFactory();
  }

  EventLoopGroup server() {
    return server;
  }

  EventLoopGroup client() {
    return client;
  }

  Class<? extends ServerChannel> serverChannel() {
    return local ? LocalServerChannel.class : NioServerSocketChannel.class;
  }

  Class<? extends Channel> clientChannel() {
    return local ? LocalChannel.class : NioSocketChannel.class;
  }

  /** Where a server may listen. */
  SocketAddress freeAddress() {
    return local
        ? new LocalAddress(NettyLoops.class)
        : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  @Override
  public void close() {
    client.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    server.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
