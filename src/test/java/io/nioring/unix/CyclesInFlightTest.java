package io.nioring.unix;

import static io.nioring.unix.Pair.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.SocketPair;
import io.nioring.socket.AncillaryData;
import io.nioring.socket.MessageOption;
import io.nioring.socket.RingSocket;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Channels in flight that nobody can receive any more are closed, whatever cycle they form, and no
 * others are; what their peers see then is what the kernel's collector of sockets lets them see.
 */
@Timeout(180)
class CyclesInFlightTest {
  @TempDir private Path directory;

  private final RingNetwork network =
      RingNetwork.open(RingNetworkConfig.builder().idleMillis(1).build());

  @AfterEach
  void nothingIsLeft() throws IOException {
    Wait.until("ring memory is back", () -> network.statistics().memoryInUseBytes() == 0);
    network.close();
  }

  private static void send(SocketChannel sender, Channel... channels) throws IOException {
    RingSocket.of(sender).send(bytes("x"), AncillaryData.ofChannels(channels));
  }

  private static Channel receive(SocketChannel receiver) throws IOException {
    return RingSocket.of(receiver).receive(ByteBuffer.allocate(1)).ancillary().channels().get(0);
  }

  private static boolean isAtEnd(SocketChannel channel) throws IOException {
    channel.configureBlocking(false);
    return channel.read(ByteBuffer.allocate(1)) < 0;
  }

  /**
   * Collects until a condition holds. After each collection the threads that work through what was
   * found get time for it: one collection after the other would keep them from running.
   */
  private static void collectUntil(String what, Callable<Boolean> condition) {
    Wait.until(
        what,
        () -> {
          System.gc();
          for (int i = 0; i < 20 && !condition.call(); i++) {
            Thread.sleep(5);
          }
          return condition.call();
        });
  }

  private void awaitOpen(int channels) {
    collectUntil(
        channels + " channels open", () -> network.statistics().openChannels() == channels);
  }

  /** An end that only its own queue leads to; its peer is returned. */
  private SocketChannel selfSent(Channel... others) throws IOException {
    SocketPair pair = network.socketPair();
    send(pair.first(), pair.second());
    if (others.length > 0) {
      send(pair.first(), others);
    }
    return pair.first();
  }

  /** Two pairs of which one end each is in flight to that of the other. */
  private SocketChannel[] crossed() throws IOException {
    SocketPair one = network.socketPair();
    SocketPair other = network.socketPair();
    send(one.first(), other.second());
    send(other.first(), one.second());
    return new SocketChannel[] {one.first(), other.first()};
  }

  /** Returns once all that is in flight is held by its receivers alone. */
  private void awaitHeld() throws IOException {
    try (SocketChannel later = selfSent()) {
      collectUntil("a later cycle collected", () -> isAtEnd(later));
    }
  }

  @Test
  void anEndInItsOwnQueueIsClosed() throws IOException {
    try (SocketChannel peer = selfSent()) {
      collectUntil("the end", () -> isAtEnd(peer));
      awaitOpen(1);
      assertThatThrownBy(() -> peer.write(bytes("y"))).hasMessage("Broken pipe");
    }
  }

  @Test
  void twoPairsInOneAnotherAreClosed() throws IOException {
    SocketChannel[] peers = crossed();

    collectUntil("the ends", () -> isAtEnd(peers[0]) && isAtEnd(peers[1]));
    awaitOpen(2);
    for (SocketChannel peer : peers) {
      peer.close();
    }
  }

  @Test
  void anUnreachableCycleIsClosed() throws IOException {
    crossed();

    awaitOpen(0);
  }

  @Test
  void aLongRingOfPairsIsClosed() throws IOException {
    ringOfPairs(200);

    awaitOpen(0);
  }

  private void ringOfPairs(int length) throws IOException {
    SocketPair first = network.socketPair();
    SocketPair last = first;
    for (int i = 1; i < length; i++) {
      SocketPair next = network.socketPair();
      send(last.first(), next.second());
      last = next;
    }
    send(last.first(), first.second());
  }

  @Test
  void whatIsInFlightBesideACycleIsClosedToo() throws IOException {
    FileChannel file = FileChannel.open(Files.createFile(directory.resolve("file")));
    SocketPair beside = network.socketPair();
    try (SocketChannel besidesPeer = beside.first();
        SocketChannel peer = selfSent(file, beside.second())) {
      collectUntil("the end", () -> isAtEnd(peer));

      collectUntil("the file closed", () -> !file.isOpen());
      collectUntil("the channel beside closed", () -> isAtEnd(besidesPeer));
    }
  }

  @Test
  void aListenerInItsOwnBacklogIsClosedAndItsNameFree() throws IOException {
    UnixDomainSocketAddress name = UnixDomainSocketAddress.of(directory.resolve("socket"));
    try (SocketChannel client = connectAndSendServer(name)) {
      awaitOpen(1);

      assertThatThrownBy(() -> client.read(ByteBuffer.allocate(1)))
          .hasMessage("Connection reset"); // as the kernel resets what was not accepted
      assertThatThrownBy(() -> connect(name)).isInstanceOf(SocketException.class);
    }
  }

  private ServerSocketChannel listen(UnixDomainSocketAddress name) throws IOException {
    return network.provider().openServerSocketChannel(StandardProtocolFamily.UNIX).bind(name);
  }

  private SocketChannel connect(UnixDomainSocketAddress name) throws IOException {
    SocketChannel client = network.provider().openSocketChannel(StandardProtocolFamily.UNIX);
    client.connect(name);
    return client;
  }

  private SocketChannel connectAndSendServer(UnixDomainSocketAddress name) throws IOException {
    ServerSocketChannel server = listen(name);
    SocketChannel client = connect(name);
    send(client, server);
    return client;
  }

  // -- what can still be received

  @Test
  void whatIsInFlightToAChannelInUseIsReceived() throws IOException {
    SocketPair carrier = network.socketPair();
    try (SocketChannel sender = carrier.first();
        SocketChannel receiver = carrier.second();
        SocketChannel peer = sendEndOfPair(sender)) {
      awaitHeld();
      RingSocket peeking = RingSocket.of(receiver);
      Channel peeked =
          peeking.receive(ByteBuffer.allocate(1), MessageOption.PEEK).ancillary().channels().get(0);

      try (SocketChannel received = (SocketChannel) receive(receiver)) {
        assertThat(received).isSameAs(peeked);
        peer.write(bytes("hello"));
        ByteBuffer got = ByteBuffer.allocate(5);
        received.read(got);
        assertThat(Pair.text(got)).isEqualTo("hello");
      }
    }
  }

  /** Sends one end of a new pair, and returns the other. */
  private SocketChannel sendEndOfPair(SocketChannel sender) throws IOException {
    SocketPair pair = network.socketPair();
    send(sender, pair.second());
    return pair.first();
  }

  @Test
  void aChannelThatWasReceivedAndIsDroppedStaysSilent() throws IOException {
    SocketPair carrier = network.socketPair();
    try (SocketChannel sender = carrier.first();
        SocketChannel receiver = carrier.second();
        SocketChannel peer = sendEndOfPair(sender)) {
      awaitHeld();
      receive(receiver);
      awaitHeld(); // another collection, after which the dropped one was worked through
      peer.write(bytes("x"));
      collectUntil(
          "what nobody reads is not kept", () -> network.statistics().memoryInUseBytes() == 0);

      assertThat(isAtEnd(peer)).isFalse();
    }
  }

  @Test
  void whatIsInFlightToAnAcceptedConnectionOutlivesTheServer() throws IOException {
    UnixDomainSocketAddress name = UnixDomainSocketAddress.of(directory.resolve("socket"));
    ServerSocketChannel server = listen(name);
    try (SocketChannel client = connect(name);
        SocketChannel peer = sendEndOfPair(client)) {
      awaitHeld();
      try (SocketChannel accepted = server.accept()) {
        server.close();
        server = null;
        awaitHeld();
        try (SocketChannel received = (SocketChannel) receive(accepted)) {
          peer.write(bytes("x"));
          assertThat(received.read(ByteBuffer.allocate(1))).isEqualTo(1);
        }
      }
    }
  }

  @Test
  void aReachableChannelClosesWithItsDroppedReceiver() throws IOException {
    SocketPair pair = network.socketPair();
    SocketChannel sent = pair.second();
    try (SocketChannel peer = pair.first();
        SocketChannel sender = sendAndDropReceiver(sent)) {
      collectUntil("the channel closed", () -> !sent.isOpen());
      Wait.until("its peer at the end", () -> isAtEnd(peer));
      assertThat(sender.isOpen()).isTrue();
    }
  }

  private SocketChannel sendAndDropReceiver(SocketChannel sent) throws IOException {
    SocketPair carrier = network.socketPair();
    send(carrier.first(), sent);
    return carrier.first();
  }

  @Test
  void rightsInFlightAreCountedBackWithACycle() throws IOException {
    for (int i = 0; i < 66_000 / AncillaryData.MAX_RIGHTS; i++) {
      sendManyInACycle();
      if (i % 50 == 49) {
        awaitOpen(0);
      }
    }
    awaitOpen(0);
  }

  private void sendManyInACycle() throws IOException {
    SocketPair pair = network.socketPair();
    Channel[] many = new Channel[AncillaryData.MAX_RIGHTS];
    Arrays.fill(many, pair.second());
    send(pair.first(), many);
  }
}
