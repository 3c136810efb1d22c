package io.nioring.benchmark;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Iterator;

/**
 * One selector with both ends of some connections in it, served by the one thread that calls: what
 * arrives at a server's end is sent back, what arrives at a client's end is counted.
 */
final class EchoLoop {
  private enum End {
    CLIENT,
    SERVER
  }

  private final Selector selector;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(Messages.READ_BUFFER_BYTES);

  EchoLoop(Selector selector) {
    this.selector = selector;
  }

  void add(ConnectedPair pair) throws IOException {
    pair.nonBlocking();
    pair.client().register(selector, SelectionKey.OP_READ, End.CLIENT);
    pair.server().register(selector, SelectionKey.OP_READ, End.SERVER);
  }

  /** Serves the connections until the clients' ends have received that many bytes. */
  void serveUntilAnswered(int bytes) throws IOException {
    int answered = 0;
    while (answered < bytes) {
      selector.select();
      Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
      while (keys.hasNext()) {
        SelectionKey key = keys.next();
        keys.remove();
        if (key.isReadable()) {
          answered += serve((SocketChannel) key.channel(), (End) key.attachment());
        }
      }
    }
  }

  private int serve(SocketChannel channel, End end) throws IOException {
    buffer.clear();
    int count = Messages.read(channel, buffer);
    if (end == End.CLIENT) {
      return count;
    }
    buffer.flip();
    channel.write(buffer);
    if (buffer.hasRemaining()) {
      throw new IOException("an answer of " + count + " bytes did not fit an empty connection");
    }
    return 0;
  }
}
