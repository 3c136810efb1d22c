package io.nioring.hybrid;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Prints what IPv6 is to channels: the platform's, or ours if the flag says so. */
final class AddressesProgram {
  private AddressesProgram() {}

  private interface Step {
    Object run() throws IOException;
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
    } catch (IOException | RuntimeException e) {
      result = e;
    }
    System.out.println(name + ": " + result);
  }
}
