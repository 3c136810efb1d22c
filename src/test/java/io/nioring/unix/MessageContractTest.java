package io.nioring.unix;

import static io.nioring.unix.Pair.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.SocketPair;
import io.nioring.route.Mode;
import io.nioring.socket.AncillaryData;
import io.nioring.socket.ByteSource;
import io.nioring.socket.ByteTarget;
import io.nioring.socket.MessageOption;
import io.nioring.socket.ReceivedMessage;
import io.nioring.socket.RingSocket;
import io.nioring.testkit.Background;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channel;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages: their bounds, their order, what waits, what is kept and what is closed. */
@Timeout(180)
class MessageContractTest {

  // -- boundaries

  @Test
  void receiveStopsAfterAMessageWithRightsAndMergesPlainOnes() throws IOException {
    try (Pair pair = Pair.open()) {
      Channel first = pair.channel();
      Channel second = pair.channel();
      pair.send("A", first);
      pair.send("B");
      pair.send("C", second);
      pair.send("D");

      Pair.Got a = pair.receive(100);
      assertThat(a.text()).isEqualTo("A");
      assertThat(a.channels()).containsExactly(first);
      Pair.Got bc = pair.receive(100);
      assertThat(bc.text()).isEqualTo("BC");
      assertThat(bc.channels()).containsExactly(second);
      Pair.Got d = pair.receive(100);
      assertThat(d.text()).isEqualTo("D");
      assertThat(d.message().ancillary()).isEqualTo(AncillaryData.none());
      first.close();
      second.close();
    }
  }

  @Test
  void aShortReceiveTakesTheRightsAndTheRestMergesWithWhatFollows() throws IOException {
    try (Pair pair = Pair.open()) {
      Channel channel = pair.channel();
      pair.send("abc", channel);
      pair.send("def");

      Pair.Got head = pair.receive(1);
      assertThat(head.text()).isEqualTo("a");
      assertThat(head.channels()).containsExactly(channel);
      Pair.Got rest = pair.receive(100);
      assertThat(rest.text()).isEqualTo("bcdef");
      assertThat(rest.channels()).isEmpty();
      channel.close();
    }
  }

  @Test
  void twoMessagesWithRightsNeverMerge() throws IOException {
    try (Pair pair = Pair.open()) {
      Channel first = pair.channel();
      Channel second = pair.channel();
      pair.send("abc", first);
      pair.send("def", second);

      assertThat(pair.receive(2).channels()).containsExactly(first);
      Pair.Got next = pair.receive(100);
      assertThat(next.text()).isEqualTo("cdef"); // the rest counts as plain
      assertThat(next.channels()).containsExactly(second);
      first.close();
      second.close();
    }
  }

  @Test
  void aReceiveInThePlainBytesBeforeAMessageDoesNotTouchItsRights() throws IOException {
    try (Pair pair = Pair.open()) {
      Channel channel = pair.channel();
      pair.send("ab");
      pair.send("cd", channel);

      Pair.Got plain = pair.receive(2);
      assertThat(plain.text()).isEqualTo("ab");
      assertThat(plain.channels()).isEmpty();
      assertThat(pair.receive(9).channels()).containsExactly(channel);
      channel.close();
    }
  }

  @Test
  void aScatteringReadStopsAtTheBoundaryAcrossItsBuffers() throws IOException {
    try (Pair pair = Pair.open()) {
      Channel channel = pair.channel();
      pair.send("a");
      pair.send("bcd", channel);
      pair.send("efgh");
      ByteBuffer[] dsts = {ByteBuffer.allocate(2), ByteBuffer.allocate(2), ByteBuffer.allocate(4)};

      assertThat(pair.right.read(dsts)).isEqualTo(4);
      assertThat(Pair.text(dsts[0])).isEqualTo("ab");
      assertThat(Pair.text(dsts[1])).isEqualTo("cd");
      assertThat(dsts[2].position()).isZero();
      assertThat(channel.isOpen()).isFalse();
      assertThat(pair.read(9)).isEqualTo("efgh");
    }
  }

  @Test
  void aScatteringReadThatFillsABufferAtTheBoundaryTakesNoMore() throws IOException {
    try (Pair pair = Pair.open()) {
      pair.send("ab", pair.channel());
      pair.send("cd", pair.channel());
      ByteBuffer[] dsts = {ByteBuffer.allocate(2), ByteBuffer.allocate(2)};

      assertThat(pair.right.read(dsts)).isEqualTo(2);
      assertThat(pair.right.read(dsts)).isEqualTo(2);
    }
  }

  /** Each occurrence of a source has all its bytes, and a target is filled once. */
  @Test
  void buffersMayBeGivenMoreThanOnce() throws IOException {
    try (Pair pair = Pair.open().nonBlocking()) {
      ByteBuffer separator = bytes("--");
      ByteSource parts = ByteSource.of(separator, bytes("a"), separator, bytes("b"), separator);
      assertThat(parts.remaining()).isEqualTo(8);

      assertThat(pair.leftSocket.write(parts)).isEqualTo(8);

      assertThat(separator.hasRemaining()).isFalse();
      ByteBuffer room = ByteBuffer.allocate(3);
      ByteTarget target = ByteTarget.of(room, room, ByteBuffer.allocate(2));
      assertThat(target.remaining()).isEqualTo(5);
      assertThat(pair.rightSocket.read(target)).isEqualTo(5);
      assertThat(Pair.text(room)).isEqualTo("--a");
      assertThat(pair.read(9)).isEqualTo("b--");
    }
  }

  @Test
  void scatterAndGatherKeepOneMessage() throws IOException {
    try (Pair pair = Pair.open()) {
      Channel channel = pair.channel();
      ByteSource gathered = ByteSource.of(bytes("ab"), bytes(""), bytes("cde"));
      long sent = pair.leftSocket.send(gathered, AncillaryData.ofChannels(channel));
      pair.send("x");
      ByteBuffer one = ByteBuffer.allocate(1);
      ByteBuffer more = ByteBuffer.allocate(10);

      ReceivedMessage got = pair.rightSocket.receive(ByteTarget.of(one, more));

      assertThat(sent).isEqualTo(5);
      assertThat(gathered.remaining()).isZero();
      assertThat(got.bytes()).isEqualTo(5);
      assertThat(got.ancillary().channels()).containsExactly(channel);
      assertThat(Pair.text(one) + Pair.text(more)).isEqualTo("abcde");
      channel.close();
    }
  }

  @Test
  void aMessageOverManySegmentsArrivesWhole() throws IOException {
    try (Pair pair = Pair.open()) {
      Channel channel = pair.channel();
      byte[] big = new byte[300_000];
      for (int i = 0; i < big.length; i++) {
        big[i] = (byte) (i * 31);
      }
      pair.leftSocket.send(ByteBuffer.wrap(big), AncillaryData.ofChannels(channel));
      pair.send("x");
      ByteBuffer dst = ByteBuffer.allocate(400_000);

      ReceivedMessage peeked =
          pair.rightSocket.receive(ByteBuffer.allocate(400_000), MessageOption.PEEK);
      ReceivedMessage got = pair.rightSocket.receive(dst);

      assertThat(peeked.bytes()).isEqualTo(big.length);
      assertThat(got.bytes()).isEqualTo(big.length);
      assertThat(dst.array()).startsWith(big);
      channel.close();
    }
  }

  // -- discarding

  @Test
  void aPlainReadClosesTheRightsOfWhatItReads() throws IOException {
    try (Pair pair = Pair.open()) {
      Channel channel = pair.channel();
      pair.send("ab", channel);
      pair.send("cd");

      assertThat(pair.read(100)).isEqualTo("ab");
      assertThat(channel.isOpen()).isFalse();
      assertThat(pair.read(100)).isEqualTo("cd");
    }
  }

  @Test
  void rightsBeyondTheRoomAreClosedAndTheMessageSaysSo() throws IOException {
    try (Pair pair = Pair.open()) {
      Channel first = pair.channel();
      Channel second = pair.channel();
      pair.send("a", first, second);

      Pair.Got got = pair.receive(9, MessageOption.rightsRoom(1));

      assertThat(got.channels()).containsExactly(first);
      assertThat(got.message().truncated()).isTrue();
      assertThat(first.isOpen()).isTrue();
      assertThat(second.isOpen()).isFalse();
      first.close();
    }
  }

  @Test
  void aSendOfNoBytesDiscardsItsRights() throws IOException {
    try (Pair pair = Pair.open()) {
      Channel channel = pair.channel();

      assertThat(pair.send("", channel)).isZero();
      assertThat(channel.isOpen()).isFalse();
      pair.send("a");
      assertThat(pair.receive(9).message().ancillary()).isEqualTo(AncillaryData.none());
    }
  }

  @Test
  void wouldBlockLeavesTheRightsWithTheSender() throws IOException {
    try (Pair pair = Pair.open(4).nonBlocking()) {
      Channel channel = pair.channel();
      assertThat(pair.send("full")).isEqualTo(4);

      assertThat(pair.send("x", channel)).isZero();
      assertThat(channel.isOpen()).isTrue();
      assertThat(pair.receive(9).message().ancillary()).isEqualTo(AncillaryData.none());
      assertThat(pair.send("x", channel)).isEqualTo(1);
      assertThat(pair.receive(9).channels()).containsExactly(channel);
      channel.close();
    }
  }

  @Test
  void dontWaitSendsAndReceivesAtOnceOnABlockingChannel() throws IOException {
    try (Pair pair = Pair.open(4)) {
      ByteBuffer six = bytes("sixsix");

      assertThat(pair.receive(9, MessageOption.DONT_WAIT).message().bytes()).isZero();
      assertThat(pair.leftSocket.send(six, AncillaryData.none(), MessageOption.DONT_WAIT))
          .isEqualTo(4);
      assertThat(pair.leftSocket.send(six, AncillaryData.none(), MessageOption.DONT_WAIT)).isZero();
      assertThat(six.position()).isEqualTo(4);
    }
  }

  @Test
  void aPartialSendPassesTheRightsWithTheBytesThatFitted() throws IOException {
    try (Pair pair = Pair.open(4).nonBlocking()) {
      Channel channel = pair.channel();

      assertThat(pair.send("abcdef", channel)).isEqualTo(4);
      Pair.Got got = pair.receive(2);
      assertThat(got.channels()).containsExactly(channel);
      pair.send("x"); // not of the message any more
      assertThat(pair.receive(9).text()).isEqualTo("cdx");
      channel.close();
    }
  }

  @Test
  void theBoundaryOfAPartialSendIsWhereItEnded() throws IOException {
    try (Pair pair = Pair.open(4).nonBlocking()) {
      Channel channel = pair.channel();
      pair.send("a");
      assertThat(pair.send("bcdef", channel)).isEqualTo(3);
      assertThat(pair.receive(1).text()).isEqualTo("a");
      pair.send("z");

      assertThat(pair.receive(9).text()).isEqualTo("bcd");
      assertThat(pair.receive(9).text()).isEqualTo("z");
      channel.close();
    }
  }

  @Test
  void aBlockingSendExtendsItsMessageOverItsWaits() throws Exception {
    try (Pair pair = Pair.open(4)) {
      Channel channel = pair.channel();
      Background<Integer> sender =
          Background.run(() -> pair.send("abcdefghij", channel)).awaitAsleep();
      StringBuilder text = new StringBuilder();

      Pair.Got first = pair.receive(3);
      text.append(first.text());
      while (text.length() < 10) {
        Pair.Got more = pair.receive(3);
        assertThat(more.channels()).isEmpty();
        text.append(more.text());
      }

      assertThat(sender.result()).isEqualTo(10);
      assertThat(first.channels()).containsExactly(channel);
      assertThat(text).hasToString("abcdefghij");
      channel.close();
    }
  }

  // -- in flight

  @Test
  void whatIsInFlightClosesWithTheReceivingEnd() throws IOException {
    try (Pair pair = Pair.open()) {
      Channel channel = pair.channel();
      pair.send("a", channel);
      assertThat(channel.isOpen()).isTrue();

      pair.right.close();

      Wait.until("the channel is closed", () -> !channel.isOpen());
    }
  }

  @Test
  void whatIsInFlightOutlivesTheSendingEnd() throws IOException {
    try (Pair pair = Pair.open()) {
      Channel channel = pair.channel();
      pair.send("a", channel);
      pair.left.close();

      Pair.Got got = pair.receive(9);
      assertThat(got.channels()).containsExactly(channel);
      assertThat(channel.isOpen()).isTrue();
      assertThat(pair.receive(9).message().isEnd()).isTrue();
      channel.close();
    }
  }

  @Test
  void twoChannelsInFlightToOneAnotherCloseWithoutADeadlock() throws Exception {
    try (RingNetwork network = RingNetwork.open()) {
      for (int i = 0; i < 200; i++) {
        try (SocketPair one = network.socketPair();
            SocketPair two = network.socketPair()) {
          send(one.first(), two.second());
          send(two.first(), one.second());
          Background<Boolean> closer =
              Background.run(
                  () -> {
                    two.second().close();
                    return true;
                  });
          one.second().close();
          closer.result();
        }
      }
    }
  }

  private static void send(SocketChannel over, Channel channel) throws IOException {
    RingSocket.of(over).send(bytes("a"), AncillaryData.ofChannels(channel));
  }

  @Test
  void anAsynchronousCloseDuringABlockedSendKeepsTheRights() throws Exception {
    try (Pair pair = Pair.open(4)) {
      Channel channel = pair.channel();
      pair.send("full");
      Background<Integer> sender = Background.run(() -> pair.send("x", channel)).awaitAsleep();

      pair.left.close();

      assertThat(sender.failure()).isInstanceOf(AsynchronousCloseException.class);
      assertThat(channel.isOpen()).isTrue();
      channel.close();
    }
  }

  @Test
  void aPeerThatClosesWhileASendWaitsResetsItAndKeepsTheRights() throws Exception {
    try (Pair pair = Pair.open(4)) {
      Channel channel = pair.channel();
      pair.send("full");
      Background<Integer> sender = Background.run(() -> pair.send("x", channel)).awaitAsleep();

      pair.right.close();

      assertThat(sender.failure())
          .isInstanceOf(IOException.class)
          .hasMessage("Connection reset by peer");
      assertThat(pair.left.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      assertThat(channel.isOpen()).isTrue();
      channel.close();
    }
  }

  @Test
  void anInterruptAfterSomethingWasSentReturnsHowMuch() throws Exception {
    try (Pair pair = Pair.open(4)) {
      Channel channel = pair.channel();
      Background<Integer> sender = Background.run(() -> pair.send("abcdef", channel)).awaitAsleep();

      sender.thread().interrupt();

      assertThat(sender.result()).isEqualTo(4);
      assertThat(pair.left.isOpen()).isFalse();
      assertThat(pair.receive(9).channels()).containsExactly(channel);
      channel.close();
    }
  }

  @Test
  void anInterruptBeforeAnythingWasSentKeepsTheRights() throws Exception {
    try (Pair pair = Pair.open(4)) {
      Channel channel = pair.channel();
      pair.send("full");
      Background<Integer> sender = Background.run(() -> pair.send("x", channel)).awaitAsleep();

      sender.thread().interrupt();

      assertThat(sender.failure()).isInstanceOf(ClosedByInterruptException.class);
      assertThat(channel.isOpen()).isTrue();
      channel.close();
    }
  }

  // -- waiting

  @Test
  void aBlockedReceiveIsWokenByAMessage() throws Exception {
    try (Pair pair = Pair.open()) {
      Channel channel = pair.channel();
      Background<Pair.Got> receiver = Background.run(() -> pair.receive(9)).awaitAsleep();

      pair.send("a", channel);

      assertThat(receiver.result().channels()).containsExactly(channel);
      channel.close();
    }
  }

  @Test
  void receiveTimesOutAndTheSocketStaysUsable() throws IOException {
    try (Pair pair = Pair.open()) {
      MessageOption soon = MessageOption.timeout(Duration.ofMillis(5));

      assertThatThrownBy(() -> pair.receive(9, soon)).isInstanceOf(SocketTimeoutException.class);
      pair.send("a");
      assertThat(pair.receive(9, soon).text()).isEqualTo("a");
    }
  }

  @Test
  void sendTimesOutWithNothingSentAndReturnsWhatWasSent() throws IOException {
    try (Pair pair = Pair.open(4)) {
      MessageOption soon = MessageOption.timeout(Duration.ofMillis(5));
      Channel channel = pair.channel();
      AncillaryData data = AncillaryData.ofChannels(channel);

      assertThat(pair.leftSocket.send(bytes("abcdef"), AncillaryData.none(), soon)).isEqualTo(4);
      assertThatThrownBy(() -> pair.leftSocket.send(bytes("x"), data, soon))
          .isInstanceOf(SocketTimeoutException.class);
      assertThat(channel.isOpen()).isTrue();
      channel.close();
    }
  }

  @Test
  void aTimeoutOnANonBlockingChannelIsRefused() throws IOException {
    try (Pair pair = Pair.open().nonBlocking()) {
      MessageOption soon = MessageOption.timeout(Duration.ofMillis(5));

      assertThatThrownBy(() -> pair.receive(9, soon))
          .isInstanceOf(IllegalBlockingModeException.class);
      assertThatThrownBy(() -> pair.leftSocket.send(bytes("a"), AncillaryData.none(), soon))
          .isInstanceOf(IllegalBlockingModeException.class);
    }
  }

  @Test
  void optionsThatMakeNoSenseAreRefused() throws IOException {
    try (Pair pair = Pair.open()) {
      assertThatThrownBy(
              () -> pair.leftSocket.send(bytes("a"), AncillaryData.none(), MessageOption.PEEK))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(
              () ->
                  pair.receive(
                      1, MessageOption.DONT_WAIT, MessageOption.timeout(Duration.ofSeconds(1))))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  // -- peek

  @Test
  void aPeekConsumesNeitherBytesNorRights() throws IOException {
    try (Pair pair = Pair.open()) {
      Channel channel = pair.channel();
      pair.send("abc", channel);
      pair.send("d");

      for (int i = 0; i < 3; i++) {
        Pair.Got peeked = pair.receive(100, MessageOption.PEEK);
        assertThat(peeked.text()).isEqualTo("abc");
        assertThat(peeked.channels()).containsExactly(channel);
      }
      assertThat(pair.receive(2, MessageOption.PEEK).text()).isEqualTo("ab");
      Pair.Got got = pair.receive(100);
      assertThat(got.text()).isEqualTo("abc");
      assertThat(got.channels()).containsExactly(channel);
      assertThat(channel.isOpen()).isTrue();
      channel.close();
    }
  }

  @Test
  void aPeekWithoutRoomForRightsClosesNothing() throws IOException {
    try (Pair pair = Pair.open()) {
      Channel channel = pair.channel();
      pair.send("abc", channel);

      Pair.Got peeked = pair.receive(100, MessageOption.PEEK, MessageOption.rightsRoom(0));

      assertThat(peeked.channels()).isEmpty();
      assertThat(peeked.message().truncated()).isTrue();
      assertThat(pair.receive(100).channels()).containsExactly(channel);
      assertThat(channel.isOpen()).isTrue();
      channel.close();
    }
  }

  @Test
  void aPeekWaitsForTheFirstByte() throws Exception {
    try (Pair pair = Pair.open()) {
      Background<Pair.Got> peeker =
          Background.run(() -> pair.receive(9, MessageOption.PEEK)).awaitAsleep();

      pair.send("a");

      assertThat(peeker.result().text()).isEqualTo("a");
      assertThat(pair.read(9)).isEqualTo("a");
    }
  }

  // -- states

  @Test
  void receiveGivesWhatIsQueuedAfterAnOwnInputShutdownAndReadDoesNot() throws IOException {
    try (Pair pair = Pair.open()) {
      pair.send("a");
      pair.right.shutdownInput();

      assertThat(pair.rightSocket.read(ByteTarget.of(ByteBuffer.allocate(1)))).isEqualTo(-1);
      assertThat(pair.receive(9).text()).isEqualTo("a");
      assertThat(pair.receive(9).message().isEnd()).isTrue();
    }
  }

  @Test
  void receiveReportsAResetOnceAndReadRepeatsIt() throws IOException {
    try (Pair pair = Pair.open()) {
      pair.send("a");
      pair.right.write(bytes("unread"));
      pair.left.close(); // with "unread" in it

      assertThat(pair.receive(9).text()).isEqualTo("a");
      assertThatThrownBy(() -> pair.receive(9))
          .isInstanceOf(SocketException.class)
          .hasMessage("Connection reset");
      assertThat(pair.receive(9).message().isEnd()).isTrue();
      assertThatThrownBy(() -> pair.read(9)).hasMessage("Connection reset");
    }
  }

  @Test
  void sendingOnAShutOutputOrAClosedChannelFailsAndKeepsTheRights() throws IOException {
    try (Pair pair = Pair.open()) {
      Channel channel = pair.channel();
      pair.left.shutdownOutput();
      assertThatThrownBy(() -> pair.send("a", channel)).isInstanceOf(ClosedChannelException.class);
      pair.left.close();
      assertThatThrownBy(() -> pair.send("a", channel))
          .isExactlyInstanceOf(ClosedChannelException.class);
      assertThatThrownBy(() -> pair.leftSocket.receive(ByteBuffer.allocate(1)))
          .isExactlyInstanceOf(ClosedChannelException.class);
      assertThat(channel.isOpen()).isTrue();
      channel.close();
    }
  }

  @Test
  void anUnconnectedChannelNeitherSendsNorReceives() throws IOException {
    try (RingNetwork network = RingNetwork.open()) {
      RingSocket socket = RingSocket.of(network.provider().openSocketChannel());

      assertThatThrownBy(() -> socket.send(bytes("a"), AncillaryData.none()))
          .isInstanceOf(NotYetConnectedException.class);
      assertThatThrownBy(() -> socket.receive(ByteBuffer.allocate(1)))
          .isInstanceOf(NotYetConnectedException.class);
      assertThatThrownBy(socket::peerCredentials).isInstanceOf(NotYetConnectedException.class);
    }
  }

  @Test
  void aClosedChannelIsNoRight() throws IOException {
    try (Pair pair = Pair.open()) {
      Channel channel = pair.channel();
      channel.close();

      assertThatThrownBy(() -> pair.send("a", channel))
          .isInstanceOf(SocketException.class)
          .hasMessageStartingWith("Bad file descriptor");
    }
  }

  @Test
  void aReceiveWithoutRoomForBytesReceivesNothing() throws IOException {
    try (Pair pair = Pair.open()) {
      Channel channel = pair.channel();
      pair.send("a", channel);

      assertThat(pair.receive(0).message().bytes()).isZero();
      assertThat(pair.receive(1).channels()).containsExactly(channel);
      channel.close();
    }
  }

  @Test
  void readOnlyTargetsAreRefused() {
    assertThatThrownBy(() -> ByteTarget.of(ByteBuffer.allocate(1).asReadOnlyBuffer()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void channelsOfOtherProvidersAreNoRingSockets() throws IOException {
    RingNetworkConfig kernel = RingNetworkConfig.builder().mode(Mode.KERNEL).build();
    try (RingNetwork network = RingNetwork.open(kernel);
        SocketChannel platform = network.provider().openSocketChannel();
        SocketChannel jdk = SelectorProvider.provider().openSocketChannel()) {
      assertThatThrownBy(() -> RingSocket.of(platform))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> RingSocket.of(jdk)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(network::socketPair).isInstanceOf(UnsupportedOperationException.class);
    }
  }
}
