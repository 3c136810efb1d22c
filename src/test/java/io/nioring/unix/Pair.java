package io.nioring.unix;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.SocketPair;
import io.nioring.socket.AncillaryData;
import io.nioring.socket.MessageOption;
import io.nioring.socket.ReceivedMessage;
import io.nioring.socket.RingSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.Pipe;
import java.nio.channels.SocketChannel;
import java.util.List;

/**
 * A network with a connected pair in it, for one test. Closing it closes the pair and checks that
 * the network holds nothing any more.
 */
final class Pair implements AutoCloseable {
  final RingNetwork network;
  final SocketChannel left;
  final SocketChannel right;
  final RingSocket leftSocket;
  final RingSocket rightSocket;

  private Pair(RingNetwork network) {
    this.network = network;
    SocketPair pair = network.socketPair();
    left = pair.first();
    right = pair.second();
    leftSocket = RingSocket.of(left);
    rightSocket = RingSocket.of(right);
  }

  static Pair open() {
    return new Pair(RingNetwork.open());
  }

  static Pair open(int bufferSizeBytes) {
    return new Pair(
        RingNetwork.open(RingNetworkConfig.builder().bufferSizeBytes(bufferSizeBytes).build()));
  }

  Pair nonBlocking() throws IOException {
    left.configureBlocking(false);
    right.configureBlocking(false);
    return this;
  }

  /** A channel to hand over: the reading end of a pipe whose other end is closed. */
  Channel channel() throws IOException {
    Pipe pipe = network.provider().openPipe();
    pipe.sink().close();
    return pipe.source();
  }

  static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(ISO_8859_1));
  }

  int send(String text, Channel... channels) throws IOException {
    return leftSocket.send(bytes(text), AncillaryData.ofChannels(channels));
  }

  /** What a receive gave, with its bytes as text. */
  record Got(String text, List<Channel> channels, ReceivedMessage message) {}

  Got receive(int room, MessageOption... options) throws IOException {
    ByteBuffer dst = ByteBuffer.allocate(room);
    ReceivedMessage message = rightSocket.receive(dst, options);
    assertThat(dst.position()).isEqualTo(Math.max(0, message.bytes()));
    return new Got(text(dst), message.ancillary().channels(), message);
  }

  /** What a plain read gave. */
  String read(int room) throws IOException {
    ByteBuffer dst = ByteBuffer.allocate(room);
    right.read(dst);
    return text(dst);
  }

  static String text(ByteBuffer filled) {
    filled.flip();
    byte[] bytes = new byte[filled.remaining()];
    filled.get(bytes);
    return new String(bytes, ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    left.close();
    right.close();
    Wait.until("ring memory is back", () -> network.statistics().memoryInUseBytes() == 0);
    network.close();
    assertThat(network.statistics().openChannels()).isZero();
  }
}
