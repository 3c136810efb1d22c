package io.nioring.consumer.simulation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.nioring.junit.Host;
import io.nioring.junit.RingNetworkExtension;
import io.nioring.junit.SeededTest;
import io.nioring.simulation.RingHost;
import io.nioring.simulation.Simulation;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.extension.ExtendWith;

/** The example of the guide: a client that takes one read for a message, and one that does not. */
@ExtendWith(RingNetworkExtension.class)
class ShortReadTest {
  /** How a client gets a message. */
  private interface Reader {
    void read(SocketChannel channel, ByteBuffer message) throws IOException;
  }

  @SeededTest(runs = 20, checkDeterminism = true)
  void readsAMessage(Simulation sim, @Host("client") RingHost client, @Host("db") RingHost db)
      throws Exception {
    sim.link(client, db).sliceReads(40, 20);
    assertThrows(AssertionError.class, () -> exchange(client, db, SocketChannel::read));
    exchange(client, db, ShortReadTest::readFully);
  }

  private static void readFully(SocketChannel channel, ByteBuffer message) throws IOException {
    while (message.hasRemaining()) {
      if (channel.read(message) < 0) {
        throw new EOFException("after " + message.position() + " bytes");
      }
    }
  }

  private static void exchange(RingHost client, RingHost db, Reader reader) throws IOException {
    byte[] sent =
        "a message that is longer than any slice, so that one read is not enough".getBytes();
    byte[] received = new byte[sent.length];
    try (ServerSocketChannel server =
            db.provider().openServerSocketChannel().bind(new InetSocketAddress(5432));
        SocketChannel channel = client.provider().openSocketChannel()) {
      channel.connect(new InetSocketAddress(db.address(), 5432));
      try (SocketChannel accepted = server.accept()) {
        accepted.write(ByteBuffer.wrap(sent));
        reader.read(channel, ByteBuffer.wrap(received));
      }
    }
    assertArrayEquals(sent, received);
  }
}
