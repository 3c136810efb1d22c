package io.nioring.unix;

import static io.nioring.unix.Pair.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nioring.RingNetwork;
import io.nioring.SocketPair;
import io.nioring.socket.AbstractSocketAddress;
import io.nioring.socket.AncillaryData;
import io.nioring.socket.MessageOption;
import io.nioring.socket.PeerCredentials;
import io.nioring.socket.ReadinessBit;
import io.nioring.socket.ReceivedMessage;
import io.nioring.socket.RingSocket;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The examples of the guide to Unix sockets. */
@Timeout(180)
class GuideExamplesTest {
  private static final PeerCredentials ALICE =
      new PeerCredentials(4711, 1001, 1001, "alice", "users");

  private RingNetwork network;
  private SocketChannel client;
  private SocketChannel accepted;

  @BeforeEach
  void connect() throws IOException {
    network = RingNetwork.open();
    AbstractSocketAddress name = AbstractSocketAddress.unique("jobs");
    try (ServerSocketChannel server =
        network.provider().openServerSocketChannel(StandardProtocolFamily.UNIX).bind(name)) {
      client = network.provider(ALICE).openSocketChannel(StandardProtocolFamily.UNIX);
      client.connect(name);
      accepted = server.accept();
    }
  }

  @AfterEach
  void close() {
    network.close();
  }

  @Test
  void handingAnAcceptedConnectionToAWorker() throws IOException {
    SocketPair pair = network.socketPair();
    RingSocket toWorker = RingSocket.of(pair.first());
    RingSocket fromAcceptor = RingSocket.of(pair.second());

    ByteBuffer tag = ByteBuffer.wrap(new byte[] {'c'});
    assertThat(toWorker.send(tag, AncillaryData.ofChannels(accepted))).isEqualTo(1);

    ByteBuffer byteOfTag = ByteBuffer.allocate(1);
    ReceivedMessage message = fromAcceptor.receive(byteOfTag);
    SocketChannel connection = (SocketChannel) message.ancillary().channels().get(0);

    client.write(bytes("work"));
    assertThat(connection.read(ByteBuffer.allocate(9))).isEqualTo(4);
  }

  @Test
  void whoIsThePeer() throws IOException {
    RingSocket socket = RingSocket.of(accepted);
    assertThat(socket.peerCredentials()).isEqualTo(ALICE);

    socket.passCredentials(true);
    client.write(bytes("hello"));
    ReceivedMessage message = socket.receive(ByteBuffer.allocate(9));
    assertThat(message.ancillary().credentials()).contains(ALICE);
  }

  @Test
  void peekingAtAProtocolsFirstBytes() throws IOException {
    client.write(ByteBuffer.wrap(new byte[] {0x16, 3, 1}));

    ByteBuffer first = ByteBuffer.allocate(1);
    RingSocket.of(accepted)
        .receive(first, MessageOption.PEEK, MessageOption.timeout(Duration.ofSeconds(5)));

    assertThat(first.get(0)).isEqualTo((byte) 0x16);
    assertThat(accepted.read(ByteBuffer.allocate(9))).isEqualTo(3);
  }

  @Test
  void rawReadiness() throws IOException {
    try (Selector selector = network.provider().openSelector()) {
      accepted.configureBlocking(false);
      accepted.register(selector, SelectionKey.OP_READ);
      client.shutdownOutput();
      selector.select();
      for (SelectionKey key : selector.selectedKeys()) {
        Set<ReadinessBit> bits = ReadinessBit.of(key);
        assertThat(bits).contains(ReadinessBit.RDHUP).doesNotContain(ReadinessBit.ERR);
      }
    }
  }

  @Test
  void nettysBuffers() throws IOException {
    ByteBuf buf = Unpooled.buffer(1024);
    client.write(bytes("echo"));
    RingSocket socket = RingSocket.of(accepted);

    assertThat(socket.read(buf)).isEqualTo(4);
    assertThat(socket.write(buf)).isEqualTo(4);
    assertThat(client.read(ByteBuffer.allocate(9))).isEqualTo(4);
    buf.release();
  }
}
