package io.nioring.hybrid;

import io.nioring.RingSelectorProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Prints what IPv6 is to channels: the platform's, or ours if the flag says so. */
final class AddressesProgram {
  private AddressesProgram() {}

  private interface Step {
    Object run() throws Exception;
  }

  @SuppressWarnings({"AddressSelection", "SystemOut"}) // literals; the other JVM reads it
  public static void main(String[] arguments) throws IOException {
    print("wildcard", () -> local(ServerSocketChannel.open(), new InetSocketAddress(0)));
    print("any", () -> local(ServerSocketChannel.open(), null));
    print("client", () -> SocketChannel.open().bind(null).getLocalAddress().toString().charAt(1));
    print("server6", () -> ServerSocketChannel.open(StandardProtocolFamily.INET6).isOpen());
    print("socket6", () -> SocketChannel.open(StandardProtocolFamily.INET6).isOpen());
    print("socket4", () -> SocketChannel.open(StandardProtocolFamily.INET).isOpen());
    InetAddress loopback6 = InetAddress.getByName("::1");
    print("bind6", () -> local(ServerSocketChannel.open(), new InetSocketAddress(loopback6, 0)));
    print("connect6", () -> SocketChannel.open(new InetSocketAddress(loopback6, 1)));
    installSockets();
    print("plain server6", () -> new ServerSocket(0, 1, loopback6).getInetAddress());
    print("plain bind6", () -> plainBound(new InetSocketAddress(loopback6, 0)));
    print("plain connect6", () -> new Socket(loopback6, 1).isConnected());
    print("async server6", () -> asyncBound(AsynchronousServerSocketChannel.open(), loopback6));
    print("async bind6", () -> asyncBound(AsynchronousSocketChannel.open(), loopback6));
    print("async connect6", () -> asyncConnect(new InetSocketAddress(loopback6, 1)));
  }

  private static void installSockets() {
    if (SelectorProvider.provider() instanceof RingSelectorProvider ring) {
      ring.network().installSockets();
    }
  }

  @SuppressWarnings("try") // bound and not used
  private static InetAddress plainBound(InetSocketAddress wanted) throws IOException {
    try (Socket socket = new Socket()) {
      socket.bind(wanted);
      return socket.getLocalAddress();
    }
  }

  private static InetAddress asyncBound(NetworkChannel channel, InetAddress wanted)
      throws IOException {
    channel.bind(new InetSocketAddress(wanted, 0));
    return ((InetSocketAddress) channel.getLocalAddress()).getAddress();
  }

  /** Why it failed, and whether the channel is open after that. */
  private static String asyncConnect(InetSocketAddress remote) throws Exception {
    AsynchronousSocketChannel channel = AsynchronousSocketChannel.open();
    try {
      channel.connect(remote).get(20, TimeUnit.SECONDS);
      return "connected";
    } catch (ExecutionException e) {
      return e.getCause() + ", open " + channel.isOpen();
    }
  }

  private static String local(ServerSocketChannel server, InetSocketAddress wanted)
      throws IOException {
    InetSocketAddress bound = (InetSocketAddress) server.bind(wanted).getLocalAddress();
    return bound.getAddress().getHostAddress();
  }

  @SuppressWarnings("SystemOut") // the other JVM reads it
  private static void print(String name, Step step) {
    Object result;
    try {
      result = step.run();
    } catch (Exception e) {
      result = e;
    }
    System.out.println(name + ": " + result);
  }
}
