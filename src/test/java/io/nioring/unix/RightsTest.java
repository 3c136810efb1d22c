package io.nioring.unix;

import static io.nioring.unix.Pair.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.route.Mode;
import io.nioring.socket.AncillaryData;
import io.nioring.socket.DescriptorRight;
import io.nioring.socket.MessageOption;
import io.nioring.socket.ReceivedMessage;
import io.nioring.socket.RingSocket;
import io.nioring.testkit.Background;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Channels and descriptors that are handed over. */
@Timeout(180)
class RightsTest {
  @TempDir private Path directory;

  @Test
  void anAcceptedConnectionIsHandedFromAnAcceptorToAWorker() throws Exception {
    try (Pair pair = Pair.open();
        ServerSocketChannel server = pair.network.provider().openServerSocketChannel();
        SocketChannel client = pair.network.provider().openSocketChannel()) {
      server.bind(new InetSocketAddress("10.0.0.1", 80));
      client.connect(server.getLocalAddress());
      Background<String> worker =
          Background.run(
              () -> {
                Channel received = pair.receive(10).channels().get(0);
                try (SocketChannel connection = (SocketChannel) received) {
                  ByteBuffer request = ByteBuffer.allocate(10);
                  connection.read(request);
                  return Pair.text(request);
                }
              });

      pair.send("work", server.accept());
      client.write(bytes("hello"));

      assertThat(worker.result()).isEqualTo("hello");
      assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
  }

  @Test
  void channelsOfTheKernelAreHandedOverToo() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "content");
    try (Pair pair = Pair.open()) {
      FileChannel opened = FileChannel.open(file);
      DatagramChannel datagrams = pair.network.provider().openDatagramChannel();
      pair.send("a", opened, datagrams);

      List<Channel> got = pair.receive(1).channels();

      assertThat(got).containsExactly(opened, datagrams);
      ByteBuffer content = ByteBuffer.allocate(20);
      ((FileChannel) got.get(0)).read(content);
      assertThat(Pair.text(content)).isEqualTo("content");
      opened.close();
      datagrams.close();
    }
  }

  @Test
  void aChannelInFlightClosesWhenItsListenerClosesUnaccepted() throws IOException {
    try (Pair pair = Pair.open();
        SocketChannel client = pair.network.provider().openSocketChannel()) {
      ServerSocketChannel server = pair.network.provider().openServerSocketChannel();
      server.bind(new InetSocketAddress("10.0.0.1", 80));
      client.connect(server.getLocalAddress());
      Channel channel = pair.channel();
      RingSocket.of(client).send(bytes("a"), AncillaryData.ofChannels(channel));

      server.close();

      Wait.until("the channel is closed", () -> !channel.isOpen());
    }
  }

  @Test
  void aChannelInFlightClosesWithTheNetwork() throws IOException {
    RingNetwork network = RingNetwork.open();
    FileChannel file = FileChannel.open(Files.createFile(directory.resolve("file")));
    RingSocket first = RingSocket.of(network.socketPair().first());
    first.send(bytes("a"), AncillaryData.ofChannels(file));

    network.close();

    Wait.until("the channel is closed", () -> !file.isOpen());
  }

  @Test
  void aChannelInFlightToADroppedReceiverCloses() throws Exception {
    try (RingNetwork network = RingNetwork.open();
        FileChannel file = FileChannel.open(Files.createFile(directory.resolve("file")))) {
      SocketChannel sender = network.socketPair().first(); // the other end is dropped
      RingSocket.of(sender).send(bytes("a"), AncillaryData.ofChannels(file));

      Wait.until(
          "the channel is closed",
          () -> {
            System.gc();
            return !file.isOpen();
          });
      sender.close();
    }
  }

  // -- descriptors

  private int open(String name) throws IOException {
    directory = directory.toRealPath();
    return Kernel.open(Files.createFile(directory.resolve(name)));
  }

  private static AncillaryData descriptor(int fd) {
    return AncillaryData.builder().descriptor(fd).build();
  }

  @Test
  void aDescriptorIsDuplicatedAndTheReceiverOwnsTheDuplicate() throws IOException {
    int fd = open("file");
    try (Pair pair = Pair.open()) {
      pair.leftSocket.send(bytes("a"), descriptor(fd));
      Kernel.close(fd); // in flight it stays open

      ReceivedMessage got = pair.rightSocket.receive(ByteBuffer.allocate(1));
      DescriptorRight right = got.ancillary().descriptors().get(0);
      assertThat(Kernel.fileOf(right.fd())).isEqualTo("file");
      assertThat(Kernel.openIn(directory)).isEqualTo(1);
      right.close();
      right.close(); // once: the number may be another file's by now
      assertThat(Kernel.openIn(directory)).isZero();
    }
  }

  @Test
  void eachPeekDuplicatesTheDescriptor() throws IOException {
    int fd = open("file");
    try (Pair pair = Pair.open()) {
      pair.leftSocket.send(bytes("a"), descriptor(fd));
      assertThat(Kernel.openIn(directory)).isEqualTo(2);
      for (int i = 0; i < 3; i++) {
        ReceivedMessage peeked =
            pair.rightSocket.receive(ByteBuffer.allocate(1), MessageOption.PEEK);
        DescriptorRight right = peeked.ancillary().descriptors().get(0);
        assertThat(Kernel.openIn(directory)).isEqualTo(3);
        right.close();
      }
      assertThat(pair.read(1)).isEqualTo("a");
      assertThat(Kernel.openIn(directory)).isEqualTo(1);
    }
    Kernel.close(fd);
  }

  @Test
  void wouldBlockClosesTheDuplicateAndLeavesTheOriginal() throws IOException {
    int fd = open("file");
    try (Pair pair = Pair.open(4).nonBlocking()) {
      pair.send("full");
      assertThat(pair.leftSocket.send(bytes("a"), descriptor(fd))).isZero();
      assertThat(Kernel.openIn(directory)).isEqualTo(1);
      assertThat(pair.leftSocket.send(bytes(""), descriptor(fd))).isZero();
      assertThat(Kernel.openIn(directory)).isEqualTo(1);
    }
    Kernel.close(fd);
  }

  @Test
  void aDescriptorThatIsNotOpenIsRefusedAndNothingLeaks() throws IOException {
    int fd = open("file");
    try (Pair pair = Pair.open()) {
      AncillaryData data = AncillaryData.builder().descriptor(fd).descriptor(1 << 28).build();

      assertThatThrownBy(() -> pair.leftSocket.send(bytes("a"), data))
          .isInstanceOf(SocketException.class)
          .hasMessageStartingWith("Bad file descriptor");
      assertThat(Kernel.openIn(directory)).isEqualTo(1);
      assertThat(pair.receive(1, MessageOption.DONT_WAIT).message().bytes()).isZero();
    }
    Kernel.close(fd);
  }

  @Test
  void moreThan253RightsAreRefusedAndSoManyArrive() throws IOException {
    int fd = open("file");
    AncillaryData.Builder builder = AncillaryData.builder();
    for (int i = 0; i < AncillaryData.MAX_RIGHTS; i++) {
      builder.descriptor(fd);
    }
    try (Pair pair = Pair.open()) {
      pair.leftSocket.send(bytes("a"), builder.build());
      List<DescriptorRight> got =
          pair.rightSocket.receive(ByteBuffer.allocate(1)).ancillary().descriptors();
      assertThat(got).hasSize(253);
      for (DescriptorRight right : got) {
        right.close();
      }
    }
    Kernel.close(fd);
    assertThatThrownBy(() -> builder.descriptor(0).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("254");
  }

  @Test
  void afterTheKernelIsTheWayTheSocketIsNotOnARing() throws IOException {
    RingNetworkConfig hybrid = RingNetworkConfig.builder().mode(Mode.HYBRID).build();
    try (RingNetwork outside =
            RingNetwork.open(RingNetworkConfig.builder().mode(Mode.KERNEL).build());
        RingNetwork network = RingNetwork.open(hybrid);
        ServerSocketChannel server = outside.provider().openServerSocketChannel();
        SocketChannel client = network.provider().openSocketChannel()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      RingSocket undecided = RingSocket.of(client);
      client.connect(server.getLocalAddress());

      assertThat(undecided.isOnRing()).isFalse();
      assertThatThrownBy(() -> RingSocket.of(client)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> undecided.send(bytes("a"), AncillaryData.none()))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(undecided::readinessBits).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aPairHasNoNames() throws IOException {
    try (Pair pair = Pair.open()) {
      UnixDomainSocketAddress unnamed = UnixDomainSocketAddress.of("");
      assertThat(pair.left.getLocalAddress()).isEqualTo(unnamed);
      assertThat(pair.left.getRemoteAddress()).isEqualTo(unnamed);
      assertThat(pair.left.isConnected()).isTrue();
      assertThat(pair.left.provider()).isSameAs(pair.network.provider());
      pair.right.write(bytes("a"));
      assertThat(pair.left.read(ByteBuffer.allocate(9))).isEqualTo(1);
    }
  }
}
