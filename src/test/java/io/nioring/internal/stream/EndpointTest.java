package io.nioring.internal.stream;

import static io.nioring.internal.poll.Readiness.ALL;
import static io.nioring.internal.poll.Readiness.HUP;
import static io.nioring.internal.poll.Readiness.IN;
import static io.nioring.internal.poll.Readiness.OUT;
import static io.nioring.internal.poll.Readiness.RDHUP;
import static io.nioring.internal.stream.Ends.assertReadiness;
import static io.nioring.internal.stream.Ends.fill;
import static io.nioring.internal.stream.Ends.read;
import static io.nioring.internal.stream.Ends.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.nioring.internal.time.Clock;
import io.nioring.socket.ByteSource;
import io.nioring.socket.Right;
import io.nioring.testkit.WakeUps;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
  private static final int CAPACITY = 1_000;
  private static final long WAIT_SECONDS = 60;

  private final Ends ends = new Ends(CAPACITY);
  private final Endpoint a = ends.a;
  private final Endpoint b = ends.b;

  @AfterEach
  void memoryComesBack() {
    a.close(false);
    b.close(false);
    assertThat(ends.pool.bytesInUse()).isZero();
  }

  // -- what a connected end knows

  @Test
  void endsKnowTheirAddressesAndSizes() {
    Ends pair = new Ends(77);
    assertThat(pair.a.isConnected()).isTrue();
    assertThat(pair.a.localAddress()).isEqualTo(Ends.CLIENT_ADDRESS);
    assertThat(pair.a.remoteAddress()).isEqualTo(Ends.SERVER_ADDRESS);
    assertThat(pair.b.localAddress()).isEqualTo(Ends.SERVER_ADDRESS);
    assertThat(pair.b.remoteAddress()).isEqualTo(Ends.CLIENT_ADDRESS);
    assertThat(pair.a.sendCapacityBytes()).isEqualTo(77);
    assertThat(pair.a.receiveCapacityBytes()).isEqualTo(77);
  }

  @Test
  void theTwoDirectionsHaveTheirOwnSizes() {
    Endpoint client = new Endpoint();
    Endpoint server = new Endpoint();
    new Wire(ends.pool, 10, Clock.SYSTEM)
        .connect(
            client,
            Ends.CLIENT_ADDRESS,
            Ends.SERVER_ADDRESS,
            server,
            Ends.SERVER_ADDRESS,
            10,
            20,
            1);
    assertThat(client.sendCapacityBytes()).isEqualTo(10);
    assertThat(client.receiveCapacityBytes()).isEqualTo(20);
    assertThat(server.sendCapacityBytes()).isEqualTo(20);
    assertThat(server.receiveCapacityBytes()).isEqualTo(10);
  }

  @Test
  void unconnectedEndHasNothing() {
    Endpoint unconnected = new Endpoint();
    assertThat(unconnected.isConnected()).isFalse();
    assertThat(unconnected.available()).isZero();
    assertThat(unconnected.totalRead()).isZero();
    assertThat(unconnected.remoteAddress()).isNull();
  }

  @Test
  void availableAndTotalsFollowTheBytes() throws IOException {
    write(a, 30);
    assertThat(b.available()).isEqualTo(30);
    assertThat(a.available()).isZero();
    read(b, 20);
    assertThat(b.available()).isEqualTo(10);
    assertThat(b.totalRead()).isEqualTo(20);
    assertThat(a.totalRead()).isZero();
  }

  /** Bytes of the other way are answers: in a conversation there is nothing to wait for. */
  @Test
  void peerThatSendsAStreamGetsAHeadStart() throws IOException {
    assertThat(new Endpoint().peersHeadStart()).as("unconnected").isZero();
    int headStart = 0;
    for (int i = 0; i < 10; i++) {
      write(a, 10 + headStart);
      read(b, 10 + headStart);
      headStart = b.peersHeadStart();
    }
    assertThat(headStart).isGreaterThan(10);

    write(b, 1);
    write(a, 10);
    read(b, 10);
    assertThat(b.peersHeadStart()).as("after an answer").isZero();
    assertThat(a.peersHeadStart()).isZero();
  }

  @Test
  void readMoreTakesTheAvailableBytesAndNeverReportsTheEnd() throws IOException {
    write(a, 30);
    a.close(false);
    b.lockRead();
    try {
      assertThat(b.read(ByteBuffer.allocate(10))).isEqualTo(10);
      assertThat(b.readMore(ByteBuffer.allocate(100))).isEqualTo(20);
      assertThat(b.readMore(ByteBuffer.allocate(100))).isZero();
    } finally {
      b.unlockRead();
    }
  }

  // -- who is woken

  @Test
  void writerWakesThePeerAndNotItself() throws IOException {
    write(a, 1);
    assertThat(ends.wakeUps(b)).containsExactly(IN);
    assertThat(ends.wakeUps(a)).isEmpty();
  }

  @Test
  void readerWakesThePeerOnceThereIsRoomWorthWakingFor() throws IOException {
    fill(a);
    ends.wakeUps(b);
    read(b, CAPACITY / 4 - 1);
    assertThat(ends.wakeUps(a)).isEmpty();
    read(b, 1);
    assertThat(ends.wakeUps(a)).containsExactly(OUT);
    assertThat(ends.wakeUps(b)).isEmpty();
  }

  @Test
  void eachEndOfTheStreamWakesBothEnds() {
    a.shutdownOutput();
    assertThat(ends.wakeUps(a)).containsExactly(ALL);
    assertThat(ends.wakeUps(b)).containsExactly(ALL);
    a.shutdownInput();
    assertThat(ends.wakeUps(a)).containsExactly(ALL);
    assertThat(ends.wakeUps(b)).containsExactly(ALL);
    b.close(false);
    assertThat(ends.wakeUps(a)).containsExactly(ALL);
    assertThat(ends.wakeUps(b)).containsExactly(ALL);
  }

  @Test
  void closingAnUnconnectedEndWakesIt() {
    Endpoint unconnected = new Endpoint();
    List<Integer> wakeUps = WakeUps.recorded(unconnected.poll());
    unconnected.close(false);
    assertThat(wakeUps).containsExactly(ALL);
  }

  // -- urgent data

  @Test
  void urgentDataComesInBandIfThePeerWantsThat() throws IOException {
    b.takeUrgentInline(true);
    assertThat(b.takesUrgentInline()).isTrue();
    assertThat(a.takesUrgentInline()).isFalse();
    write(a, 2);
    assertThat(a.writeUrgent((byte) 7)).isEqualTo(1);
    write(a, 1);
    ByteBuffer dst = ByteBuffer.allocate(10);
    assertThat(b.read(dst)).isEqualTo(4);
    assertThat(dst.get(2)).isEqualTo((byte) 7);
  }

  @Test
  void urgentDataIsDroppedOtherwise() throws IOException {
    fill(a);
    assertThat(a.writeUrgent((byte) 7)).isEqualTo(1);
    assertThat(b.available()).isEqualTo(CAPACITY);
  }

  @Test
  void urgentDataNeedsRoomIfItGoesInBand() throws IOException {
    b.takeUrgentInline(true);
    fill(a);
    assertThat(a.writeUrgent((byte) 7)).isZero();
    assertThat(b.available()).isEqualTo(CAPACITY);
  }

  // -- close

  @Test
  void onlyTheFirstCloseDoesSomething() throws IOException {
    a.close(false);
    assertThat(a.isClosed()).isTrue();
    ends.wakeUps(b);
    a.close(true);
    assertThat(ends.wakeUps(b)).isEmpty();
    assertThat(read(b, 1)).isEqualTo(-1);
  }

  @Test
  void endThatWasAbandonedIsSilentUntilItIsClosed() throws IOException {
    a.abandon();
    assertReadiness(b, OUT);
    assertThat(read(b, 1)).isZero();

    a.close(Closing.DROPPED);

    assertReadiness(b, IN | OUT | RDHUP | HUP);
  }

  /**
   * The peer's channel is dropped after the send found the direction open, and before its rights
   * are in the queue, where the one who abandons the end has looked for them.
   */
  @Test
  void rightsOfASendDuringWhichThePeerIsDroppedAreClosed() throws IOException {
    Pipe pipe = Pipe.open();
    pipe.sink().close();
    ByteBuf dropping =
        new UnpooledHeapByteBuf(UnpooledByteBufAllocator.DEFAULT, 1, 1) {
          @Override
          public ByteBuf getBytes(int index, ByteBuffer dst) {
            assertThat(a.abandon()).isEmpty();
            return super.getBytes(index, dst);
          }
        };
    dropping.writerIndex(1);
    OutgoingMessage message =
        new OutgoingMessage(ByteSource.of(dropping), List.of(Right.channel(pipe.source())), null);

    b.lockWrite();
    assertThat(MessageTransfer.send(b, message)).isEqualTo(1);
    MessageTransfer.end(b, message);
    b.unlockWrite(true);
    message.closeUndeliverable();

    assertThat(pipe.source().isOpen()).isFalse();
  }

  @Test
  void closedEndTakesNoBytes() {
    a.close(false);
    assertThatThrownBy(() -> write(a, 1)).isInstanceOf(IOException.class).hasMessage("Broken pipe");
    assertThatThrownBy(() -> write(b, 1)).isInstanceOf(IOException.class).hasMessage("Broken pipe");
  }

  @Test
  void endClosedBeforeItWasConnectedEndsThePair() throws IOException {
    Endpoint client = new Endpoint();
    Endpoint server = new Endpoint();
    client.close(false);
    new Wire(ends.pool, 10, Clock.SYSTEM)
        .connect(
            client,
            Ends.CLIENT_ADDRESS,
            Ends.SERVER_ADDRESS,
            server,
            Ends.SERVER_ADDRESS,
            10,
            10,
            1);

    assertReadiness(server, IN | OUT | HUP | RDHUP);
    assertThat(read(server, 1)).isEqualTo(-1);
    assertThatThrownBy(() -> write(server, 1)).hasMessage("Broken pipe");
    server.close(false);
    assertThat(ends.pool.bytesInUse()).isZero();
  }

  // -- memory

  @Test
  void pairHoldsNoMemoryBeforeItsFirstByte() throws IOException {
    read(a, 1);
    a.shutdownInput();
    assertThat(ends.pool.bytesInUse()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "true, true, true",
    "true, true, false",
    "true, false, true",
    "true, false, false",
    "false, true, true",
    "false, true, false",
    "false, false, true"
  })
  void lastOfTheTwoEndsReleasesTheMemory(boolean aFirst, boolean aWrites, boolean bWrites)
      throws IOException {
    if (aWrites) {
      write(a, 500);
    }
    if (bWrites) {
      write(b, 500);
      read(a, 200);
    }

    (aFirst ? a : b).close(false);
    boolean leftToRead = aFirst ? aWrites : bWrites; // what the other one wrote nobody will read
    assertThat(ends.pool.bytesInUse()).isEqualTo(leftToRead ? 512 : 0);
    (aFirst ? b : a).close(false);
    assertThat(ends.pool.bytesInUse()).isZero();
  }

  @Test
  void bytesOfAClosedEndCanStillBeRead() throws IOException {
    write(a, 700);
    a.close(false);
    assertThat(read(b, 1_000)).isEqualTo(700);
    assertThat(read(b, 1_000)).isEqualTo(-1);
  }

  /**
   * An operation that is inside when its end is closed leaves the ring itself; the closing thread
   * does not wait for it.
   */
  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void operationThatIsInsideLeavesForTheCloser(boolean reading, boolean peerClosesFirst)
      throws Exception {
    write(a, 100);
    write(b, 100);
    Inside inside = Inside.enter(a, reading);
    if (peerClosesFirst) {
      b.close(false);
    }
    a.close(false);
    if (!peerClosesFirst) {
      b.close(false);
    }

    assertThat(ends.pool.bytesInUse()).isEqualTo(512);
    inside.leave();
    assertThat(ends.pool.bytesInUse()).isZero();
  }

  @Test
  void operationsThatAreInsideAtBothEndsLeaveForTheClosers() throws Exception {
    write(a, 100);
    write(b, 100);
    Inside readingA = Inside.enter(a, true);
    Inside writingA = Inside.enter(a, false);
    Inside readingB = Inside.enter(b, true);
    Inside writingB = Inside.enter(b, false);
    a.close(false);
    b.close(false);
    assertThat(ends.pool.bytesInUse()).isEqualTo(2 * 512);

    readingA.leave();
    assertThat(ends.pool.bytesInUse()).isEqualTo(2 * 512);
    writingB.leave();
    assertThat(ends.pool.bytesInUse()).isEqualTo(512);
    writingA.leave();
    readingB.leave();
    assertThat(ends.pool.bytesInUse()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void operationMayCloseItsOwnEndWhileItIsInside(boolean reading) throws IOException {
    write(a, 100);
    write(b, 100);
    b.close(false);
    if (reading) {
      a.lockRead();
    } else {
      a.lockWrite();
    }
    a.close(false);
    assertThat(ends.pool.bytesInUse()).isEqualTo(reading ? 512 : 0);
    if (reading) {
      a.unlockRead();
    } else {
      a.unlockWrite();
    }
    assertThat(ends.pool.bytesInUse()).isZero();
  }

  /** A thread that holds one of an end's locks, as an operation does that is copying. */
  private static final class Inside {
    private final CountDownLatch mayLeave = new CountDownLatch(1);
    private final FutureTask<Void> task;

    private Inside(Endpoint end, boolean reading, CountDownLatch entered) {
      task =
          new FutureTask<>(
              () -> {
                if (reading) {
                  end.lockRead();
                } else {
                  end.lockWrite();
                }
                try {
                  entered.countDown();
                  mayLeave.await(WAIT_SECONDS, TimeUnit.SECONDS);
                } finally {
                  if (reading) {
                    end.unlockRead();
                  } else {
                    end.unlockWrite();
                  }
                }
                return null;
              });
    }

    static Inside enter(Endpoint end, boolean reading) throws InterruptedException {
      CountDownLatch entered = new CountDownLatch(1);
      Inside inside = new Inside(end, reading, entered);
      Thread thread = new Thread(inside.task, "inside");
      thread.setDaemon(true);
      thread.start();
      assertThat(entered.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
      return inside;
    }

    void leave() throws Exception {
      mayLeave.countDown();
      task.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }
  }

  // -- idle memory

  @Test
  void idleOutputGivesItsMemoryBackAtTheSecondLook() throws IOException {
    write(a, 100);
    read(b, 100);
    a.releaseIdleOutput();
    assertThat(ends.pool.bytesInUse()).isPositive();
    a.releaseIdleOutput();
    assertThat(ends.pool.bytesInUse()).isZero();

    write(a, 100);
    assertThat(read(b, 200)).isEqualTo(100);
  }

  @Test
  void outputThatIsUsedBetweenTheLooksKeepsItsMemory() throws IOException {
    for (int i = 0; i < 5; i++) {
      write(a, 100);
      read(b, 100);
      a.releaseIdleOutput();
      assertThat(ends.pool.bytesInUse()).isPositive();
    }
  }

  @Test
  void outputWithUnreadBytesKeepsItsMemory() throws IOException {
    write(a, 100);
    for (int i = 0; i < 5; i++) {
      a.releaseIdleOutput();
    }
    assertThat(read(b, 200)).isEqualTo(100);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void idleOutputIsKeptWhileAnOperationIsInProgress(boolean reader) throws Exception {
    write(a, 100);
    read(b, 100);
    a.releaseIdleOutput();
    Inside inside = Inside.enter(reader ? b : a, reader);
    a.releaseIdleOutput();
    assertThat(ends.pool.bytesInUse()).isPositive();
    inside.leave();
    a.releaseIdleOutput();
    assertThat(ends.pool.bytesInUse()).isZero();
  }

  @Test
  void unusedAndUnconnectedOutputsHaveNothingToGiveBack() {
    a.releaseIdleOutput();
    new Endpoint().releaseIdleOutput();
    assertThat(ends.pool.bytesInUse()).isZero();
  }

  @Test
  void waitingReaderGivesAnEmptyRingsMemoryBackWhenItIsAskedTo() throws Exception {
    write(a, 100);
    read(b, 100);
    b.lockRead();
    try {
      b.releaseInputIfIdle();
      a.releaseIdleOutput();
      b.releaseInputIfIdle();
      assertThat(ends.pool.bytesInUse()).as("looked at once").isPositive();
      a.releaseIdleOutput();
      Inside writing = Inside.enter(a, false);
      b.releaseInputIfIdle();
      assertThat(ends.pool.bytesInUse()).as("a writer is inside").isPositive();
      writing.leave();
      a.releaseIdleOutput();
      b.releaseInputIfIdle();
      assertThat(ends.pool.bytesInUse()).isZero();
    } finally {
      b.unlockRead();
    }
  }

  @Test
  void closeAfterIdleReleaseIsHarmless() throws IOException {
    write(a, 100);
    read(b, 100);
    a.releaseIdleOutput();
    a.releaseIdleOutput();
    a.close(false);
    a.releaseIdleOutput();
    b.close(false);
    a.releaseIdleOutput();
    assertThat(ends.pool.bytesInUse()).isZero();
  }

  @Test
  void resetIsReportedOnceAlsoWhenItComesForTwoReasons() throws IOException {
    write(a, 5);
    b.close(true);
    assertThatThrownBy(() -> read(a, 1)).isInstanceOf(SocketException.class);
    assertThat(read(a, 1)).isEqualTo(-1);
  }
}
