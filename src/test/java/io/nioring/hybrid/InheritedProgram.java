package io.nioring.hybrid;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;

/** Answers on the connection that it was started with, through a selector of the provider's. */
final class InheritedProgram {
  private InheritedProgram() {}

  public static void main(String[] args) throws IOException {
    try (SocketChannel inherited = (SocketChannel) System.inheritedChannel();
        Selector selector = Selector.open()) {
      inherited.configureBlocking(false);
      inherited.register(selector, SelectionKey.OP_READ);
      selector.select();
      ByteBuffer request = ByteBuffer.allocate(16);
      inherited.read(request);
      inherited.write(request.flip());
      System.out.println(
          SelectorProvider.provider().getClass().getSimpleName()
              + ", "
              + inherited.getClass().getPackageName());
    }
  }
}
