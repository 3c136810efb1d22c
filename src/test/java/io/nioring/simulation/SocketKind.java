package io.nioring.simulation;

import io.nioring.internal.platform.PlatformProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;

/** The kinds of stream sockets that a program may use, on hosts and in the kernel. */
enum SocketKind {
  CHANNEL {
    @Override
    SocketEnd connect(RingHost client, InetSocketAddress to) throws Exception {
      SocketChannel channel = client.provider().openSocketChannel();
      channel.connect(to);
      return new SocketEnd.OfChannel(channel);
    }

    @Override
    SocketEnd connectByKernel(InetSocketAddress to) throws Exception {
      SocketChannel channel = PlatformProvider.lazy().get().openSocketChannel();
      channel.connect(to);
      return new SocketEnd.OfChannel(channel);
    }

    @Override
    List<SocketEnd> pair(RingHost client, RingHost server, InetSocketAddress at) throws Exception {
      try (ServerSocketChannel listener = server.provider().openServerSocketChannel().bind(at)) {
        SocketEnd connected = connect(client, at);
        return List.of(connected, new SocketEnd.OfChannel(listener.accept()));
      }
    }
  },

  PLAIN {
    @Override
    SocketEnd connect(RingHost client, InetSocketAddress to) throws Exception {
      return new SocketEnd.OfSocket(
          client.socketFactory().createSocket(to.getAddress(), to.getPort()));
    }

    @Override
    SocketEnd connectByKernel(InetSocketAddress to) throws Exception {
      return new SocketEnd.OfSocket(new Socket(to.getAddress(), to.getPort()));
    }

    @Override
    List<SocketEnd> pair(RingHost client, RingHost server, InetSocketAddress at) throws Exception {
      try (ServerSocket listener = server.serverSocketFactory().createServerSocket()) {
        listener.bind(at);
        SocketEnd connected = connect(client, at);
        return List.of(connected, new SocketEnd.OfSocket(listener.accept()));
      }
    }
  },

  ASYNCHRONOUS {
    @Override
    SocketEnd connect(RingHost client, InetSocketAddress to) throws Exception {
      AsynchronousSocketChannel channel =
          client.asynchronousProvider().openAsynchronousSocketChannel(null);
      SocketEnd.OfAsynchronous.done(channel.connect(to));
      return new SocketEnd.OfAsynchronous(channel);
    }

    @Override
    SocketEnd connectByKernel(InetSocketAddress to) throws Exception {
      AsynchronousSocketChannel channel = AsynchronousSocketChannel.open();
      SocketEnd.OfAsynchronous.done(channel.connect(to));
      return new SocketEnd.OfAsynchronous(channel);
    }

    @Override
    List<SocketEnd> pair(RingHost client, RingHost server, InetSocketAddress at) throws Exception {
      try (AsynchronousServerSocketChannel listener =
          server.asynchronousProvider().openAsynchronousServerSocketChannel(null)) {
        listener.bind(at);
        SocketEnd connected = connect(client, at);
        return List.of(
            connected,
            new SocketEnd.OfAsynchronous(SocketEnd.OfAsynchronous.done(listener.accept())));
      }
    }
  };

  private static final int PORT = 5432;

  /** Connects an end of a host to a server. */
  abstract SocketEnd connect(RingHost client, InetSocketAddress to) throws Exception;

  /** Connects an end of the kernel's. */
  abstract SocketEnd connectByKernel(InetSocketAddress to) throws Exception;

  /** Connects two ends at an address of the server's: the client's comes first. */
  abstract List<SocketEnd> pair(RingHost client, RingHost server, InetSocketAddress at)
      throws Exception;

  /** As above, at one of the server's addresses. */
  List<SocketEnd> pair(RingHost client, RingHost server, InetAddress at) throws Exception {
    return pair(client, server, new InetSocketAddress(at, PORT));
  }
}
