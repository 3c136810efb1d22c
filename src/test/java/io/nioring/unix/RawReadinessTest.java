package io.nioring.unix;

import static io.nioring.socket.ReadinessBit.ERR;
import static io.nioring.socket.ReadinessBit.HUP;
import static io.nioring.socket.ReadinessBit.IN;
import static io.nioring.socket.ReadinessBit.OUT;
import static io.nioring.socket.ReadinessBit.RDHUP;
import static io.nioring.unix.Pair.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.route.Mode;
import io.nioring.socket.ReadinessBit;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The raw bits in each state; {@link UnixKernelComparisonTest} compares them with the kernel's. */
@Timeout(180)
class RawReadinessTest {

  @Test
  void aSelectorLoopDistinguishesHalfCloseFromDataWithoutReading() throws IOException {
    try (Pair pair = Pair.open().nonBlocking();
        Selector selector = pair.network.provider().openSelector()) {
      SelectionKey key = pair.right.register(selector, SelectionKey.OP_READ);
      pair.left.write(bytes("a"));
      selector.select();
      assertThat(ReadinessBit.of(key)).containsExactlyInAnyOrder(IN, OUT);
      pair.read(1);
      selector.selectedKeys().clear();
      assertThat(ReadinessBit.of(key)).containsExactly(OUT);

      pair.left.shutdownOutput();
      selector.select();
      assertThat(key.isReadable()).isTrue();
      assertThat(ReadinessBit.of(key)).containsExactlyInAnyOrder(IN, OUT, RDHUP);
    }
  }

  @Test
  void anUnconnectedSocketHangsUp() throws IOException {
    try (RingNetwork network = RingNetwork.open();
        SocketChannel channel = network.provider().openSocketChannel()) {
      assertThat(ReadinessBit.of(channel)).containsExactlyInAnyOrder(OUT, HUP);
    }
  }

  @Test
  void aListenerIsInWhenSomethingWaitsAndNeverOut() throws IOException {
    try (RingNetwork network = RingNetwork.open();
        ServerSocketChannel server = network.provider().openServerSocketChannel();
        SocketChannel client = network.provider().openSocketChannel()) {
      server.bind(new InetSocketAddress("10.0.0.1", 80));
      assertThat(ReadinessBit.of(server)).isEmpty();
      client.connect(server.getLocalAddress());
      assertThat(ReadinessBit.of(server)).containsExactly(IN);
    }
  }

  @Test
  void aFullRingWhosePeerShutItsInputIsOutSinceAWriteFailsAtOnce() throws IOException {
    try (Pair pair = Pair.open(4).nonBlocking()) {
      pair.left.write(bytes("full"));
      assertThat(pair.leftSocket.readinessBits()).isEmpty();
      pair.right.shutdownInput();
      assertThat(pair.leftSocket.readinessBits()).containsExactly(OUT);
    }
  }

  @Test
  void aFullRingWhosePeerClosedHasAllBits() throws IOException {
    try (Pair pair = Pair.open(4).nonBlocking()) {
      pair.left.write(bytes("full"));
      pair.right.close();
      assertThat(pair.leftSocket.readinessBits())
          .containsExactlyInAnyOrder(IN, OUT, ERR, HUP, RDHUP);
    }
  }

  @Test
  void theEndsOfAPipeHaveBitsToo() throws IOException {
    try (RingNetwork network = RingNetwork.open()) {
      Pipe pipe = network.provider().openPipe();
      assertThat(ReadinessBit.of(pipe.sink())).containsExactly(OUT);
      pipe.sink().write(ByteBuffer.allocate(1));
      assertThat(ReadinessBit.of(pipe.source())).containsExactly(IN);
    }
  }

  @Test
  void datagramChannelsHaveBitsToo() throws IOException {
    try (RingNetwork network = RingNetwork.open();
        var datagrams = network.provider().openDatagramChannel()) {
      assertThat(ReadinessBit.of(datagrams)).containsExactly(OUT);
      datagrams.send(ByteBuffer.allocate(1), datagrams.bind(null).getLocalAddress());
      assertThat(ReadinessBit.of(datagrams)).containsExactly(IN, OUT);
    }
  }

  @Test
  void channelsOfThePlatformHaveNone() throws IOException {
    RingNetworkConfig hybrid = RingNetworkConfig.builder().mode(Mode.HYBRID).build();
    try (RingNetwork network = RingNetwork.open(hybrid);
        var datagrams = network.provider().openDatagramChannel()) {
      assertThatThrownBy(() -> ReadinessBit.of(datagrams))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
