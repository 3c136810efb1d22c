package io.nioring.unix;

import static io.nioring.unix.Pair.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.RingNetwork;
import io.nioring.socket.AbstractSocketAddress;
import io.nioring.socket.AncillaryData;
import io.nioring.socket.MessageOption;
import io.nioring.socket.ReadinessBit;
import io.nioring.socket.ReceivedMessage;
import io.nioring.socket.RingSocket;
import io.nioring.testkit.Background;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Faults that the transport had from which this project started, one test each: none is here. */
@Timeout(120)
class OriginFaultsTest {

  /** It compared the last chunk with the whole, and hung. */
  @Test
  void aBlockingSendThatDoesNotFitAtOnceEnds() throws Exception {
    try (Pair pair = Pair.open(8)) {
      Background<Integer> sender = Background.run(() -> pair.send("x".repeat(1_000)));
      int got = 0;
      while (got < 1_000) {
        got += pair.receive(5).message().bytes();
      }
      assertThat(sender.result()).isEqualTo(1_000);
    }
  }

  /** It returned 0 and lost the data. */
  @Test
  void aSendOnAFullRingKeepsItsAncillaryData() throws IOException {
    try (Pair pair = Pair.open(4).nonBlocking()) {
      Channel channel = pair.channel();
      pair.send("full");
      for (int i = 0; i < 3; i++) {
        assertThat(pair.send("x", channel)).isZero();
      }
      assertThat(channel.isOpen()).isTrue();
      channel.close();
    }
  }

  /** The peer did not see it. */
  @Test
  void shuttingOneDirectionIsSeenByThePeer() throws Exception {
    try (Pair pair = Pair.open()) {
      Background<Pair.Got> receiver = Background.run(() -> pair.receive(9)).awaitAsleep();
      pair.left.shutdownOutput();
      assertThat(receiver.result().message().isEnd()).isTrue();

      pair.left.shutdownInput();
      assertThatThrownBy(() -> pair.rightSocket.send(bytes("a"), AncillaryData.none()))
          .isInstanceOf(IOException.class)
          .hasMessage("Broken pipe");
    }
  }

  /** Send went on after its own output was shut, receive after its own input. */
  @Test
  void ownShutdownsHold() throws IOException {
    try (Pair pair = Pair.open()) {
      pair.left.shutdownOutput();
      assertThatThrownBy(() -> pair.send("a")).isInstanceOf(ClosedChannelException.class);
      pair.right.shutdownInput();
      assertThat(pair.receive(9).message().isEnd()).isTrue();
    }
  }

  /** It slept on. */
  @Test
  void aBlockedWriterIsWokenByThePeersClose() throws Exception {
    try (Pair pair = Pair.open(4)) {
      pair.send("full");
      Background<Integer> sender = Background.run(() -> pair.send("more")).awaitAsleep();
      pair.right.close();
      assertThat(sender.failure()).hasMessage("Connection reset by peer");
    }
  }

  /** The end was seen first, and the last bytes were lost. */
  @Test
  void theEndIsNeverSeenBeforeTheLastBytes() throws Exception {
    try (RingNetwork network = RingNetwork.open()) {
      for (int i = 0; i < 500; i++) {
        try (var ends = network.socketPair()) {
          ends.second().configureBlocking(false);
          Background<Boolean> sender =
              Background.run(
                  () -> {
                    ends.first().write(bytes("last"));
                    ends.first().close();
                    return true;
                  });
          ByteBuffer dst = ByteBuffer.allocate(9);
          RingSocket socket = RingSocket.of(ends.second());
          ReceivedMessage got;
          do {
            got = socket.receive(dst);
          } while (!got.isEnd());
          assertThat(dst.position()).isEqualTo(4);
          sender.result();
        }
      }
    }
  }

  /**
   * The bytes were there before their data, and two receivers could get bytes and data apart. Here
   * each message's first byte says whether it carries a channel.
   */
  @Test
  void bytesAndTheirDataComeTogetherForManySendersAndReceivers() throws Exception {
    long seed = System.nanoTime();
    int messages = 2_000;
    try (Pair pair = Pair.open(64)) {
      Set<Channel> sent = Collections.synchronizedSet(new HashSet<>());
      Set<Channel> received = Collections.synchronizedSet(new HashSet<>());
      AtomicInteger bytesReceived = new AtomicInteger();
      List<Background<Integer>> senders = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Random random = new Random(seed + i);
        senders.add(Background.run(() -> sendMany(pair, random, messages, sent)));
      }
      List<Background<Boolean>> receivers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Random random = new Random(seed + 10 + i);
        receivers.add(Background.run(() -> receiveMany(pair, random, received, bytesReceived)));
      }
      int bytesSent = senders.get(0).result() + senders.get(1).result();
      pair.left.shutdownOutput();
      for (Background<Boolean> receiver : receivers) {
        assertThat(receiver.result()).as("seed " + seed).isTrue();
      }
      assertThat(bytesReceived.get()).isEqualTo(bytesSent);
      assertThat(received).isEqualTo(sent);
      for (Channel channel : received) {
        channel.close();
      }
    }
  }

  private static int sendMany(Pair pair, Random random, int messages, Set<Channel> sent)
      throws IOException {
    int bytes = 0;
    for (int i = 0; i < messages; i++) {
      boolean carrying = random.nextInt(4) == 0;
      String tail = "-".repeat(random.nextInt(100));
      if (carrying) {
        Channel channel = pair.channel();
        sent.add(channel);
        bytes += pair.send("C" + tail, channel);
      } else {
        bytes += pair.send("p" + tail);
      }
    }
    return bytes;
  }

  /**
   * Each receive that holds the first byte of a carrying message holds its channel, and only it.
   */
  private static boolean receiveMany(
      Pair pair, Random random, Set<Channel> received, AtomicInteger bytes) throws IOException {
    while (true) {
      Pair.Got got = pair.receive(1 + random.nextInt(80));
      if (got.message().isEnd()) {
        return true;
      }
      bytes.addAndGet(got.message().bytes());
      long firstBytes = got.text().chars().filter(c -> c == 'C').count();
      if (firstBytes != got.channels().size() || firstBytes > 1) {
        return false;
      }
      received.addAll(got.channels());
    }
  }

  /** A bound name could be connected to before listen, and the backlog had no bound. */
  @Test
  void aNameIsConnectableOnceItListensAndItsBacklogIsBounded() throws IOException {
    try (RingNetwork network = RingNetwork.open()) {
      AbstractSocketAddress name = AbstractSocketAddress.unique("backlog");
      SocketChannel bound = socket(network).bind(name);
      assertThatThrownBy(() -> socket(network).connect(name)).isInstanceOf(ConnectException.class);
      bound.close();

      ServerSocketChannel server =
          network.provider().openServerSocketChannel(StandardProtocolFamily.UNIX).bind(name, 1);
      List<SocketChannel> backlog = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        SocketChannel queued = socket(network);
        queued.configureBlocking(false);
        assertThat(queued.connect(name)).isTrue();
        backlog.add(queued);
      }
      SocketChannel third = socket(network);
      third.configureBlocking(false);
      assertThatThrownBy(() -> third.connect(name))
          .isInstanceOf(SocketException.class)
          .hasMessage("Resource temporarily unavailable");
      assertThat(server.isOpen()).isTrue();
      assertThat(backlog).allMatch(SocketChannel::isOpen);
    }
  }

  private static SocketChannel socket(RingNetwork network) throws IOException {
    return network.provider().openSocketChannel(StandardProtocolFamily.UNIX);
  }

  /** Its clients slept for ever. */
  @Test
  void aListenerThatGoesAwayWakesItsPendingClients() throws Exception {
    try (RingNetwork network = RingNetwork.open()) {
      AbstractSocketAddress name = AbstractSocketAddress.unique("pending");
      ServerSocketChannel server =
          network.provider().openServerSocketChannel(StandardProtocolFamily.UNIX).bind(name);
      SocketChannel client = socket(network);
      client.connect(name);
      Background<ReceivedMessage> receiver =
          Background.run(() -> RingSocket.of(client).receive(ByteBuffer.allocate(1))).awaitAsleep();

      server.close();

      assertThat(receiver.failure()).hasMessage("Connection reset");
      assertThat(RingSocket.of(client).readinessBits()).contains(ReadinessBit.HUP);
    }
  }

  /** They never were. */
  @Test
  void namesAreFreedWithTheirListener() throws IOException {
    try (RingNetwork network = RingNetwork.open()) {
      AbstractSocketAddress name = AbstractSocketAddress.unique("freed");
      for (int i = 0; i < 3; i++) {
        network.provider().openServerSocketChannel(StandardProtocolFamily.UNIX).bind(name).close();
      }
      assertThatThrownBy(() -> socket(network).connect(name)).isInstanceOf(ConnectException.class);
    }
  }

  /** Both ends shared one set of waiters, so that senders woke themselves. */
  @Test
  void aSenderDoesNotWakeItself() throws IOException {
    try (Pair pair = Pair.open().nonBlocking();
        Selector own = pair.network.provider().openSelector()) {
      pair.left.register(own, SelectionKey.OP_READ);
      own.wakeup();
      own.select();
      for (int i = 0; i < 10; i++) {
        pair.send("a");
      }
      assertThat(own.select(20)).isZero();
      assertThat(pair.receive(100, MessageOption.DONT_WAIT).message().bytes()).isEqualTo(10);
    }
  }

  /** There was none of the three. */
  @Test
  void hangUpErrorAndResetAreTold() throws IOException {
    try (Pair pair = Pair.open()) {
      pair.send("unread");
      pair.right.close();
      assertThat(pair.leftSocket.readinessBits())
          .contains(ReadinessBit.HUP, ReadinessBit.ERR, ReadinessBit.RDHUP);
      assertThatThrownBy(() -> pair.leftSocket.receive(ByteBuffer.allocate(1)))
          .hasMessage("Connection reset");
    }
  }
}
