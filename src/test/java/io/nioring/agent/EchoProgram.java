package io.nioring.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** A program that needs the module {@code java.base} alone. */
final class EchoProgram {

  private EchoProgram() {}

  public static void main(String[] args) throws Exception {
    try (Selector selector = Selector.open();
        ServerSocketChannel server = ServerSocketChannel.open();
        SocketChannel client = SocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      server.configureBlocking(false).register(selector, SelectionKey.OP_ACCEPT);
      client.connect(server.getLocalAddress());
      selector.select();
      try (SocketChannel accepted = server.accept()) {
        client.write(UTF_8.encode("hello"));
        ByteBuffer bytes = ByteBuffer.allocate(16);
        accepted.read(bytes);
        System.out.println(UTF_8.decode(bytes.flip()));
      }
    }
    Report.print();
  }
}
