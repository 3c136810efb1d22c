package io.nioring.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.observe.CaptureQueue.Kind;
import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CaptureQueueTest {
  private static final int EACH = 3_000;

  /** Checks what comes out: each thread's records in order, and whole. */
  private static final class Checker implements CaptureQueue.Consumer {
    private final long[] next;
    private long taken;
    private long lost;

    Checker(int threads) {
      next = new long[threads];
    }

    @Override
    public void record(
        Kind kind,
        long key,
        long nanos,
        long position,
        int number,
        int before,
        ByteBuffer payload) {
      assertThat(position).isGreaterThanOrEqualTo(next[(int) key]);
      next[(int) key] = position + 1;
      assertThat(payload.remaining()).isEqualTo(number);
      while (payload.hasRemaining()) {
        assertThat(payload.get()).isEqualTo((byte) position);
      }
      taken++;
      lost += before;
    }
  }

  /** As with a mapped file that was truncated. */
  @Test
  void payloadThatCannotBeReadIsDroppedAlone() throws IOException {
    CaptureQueue queue = new CaptureQueue(1 << 13, false);
    Checker checker = new Checker(1);
    ByteBuffer payload = ByteBuffer.allocate(1);
    assertThatThrownBy(() -> queue.offer(Kind.DATA, 0, 0, 0, 5, payload, 5))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(queue.offer(Kind.DATA, 0, 0, 0, 1, payload, 1)).isTrue();
    assertThat(queue.drain(checker)).isTrue();
    assertThat(checker.taken).isEqualTo(1);
    assertThat(queue.taken()).isEqualTo(queue.claimed());
    assertThat(queue.droppedPackets()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void recordsOfManyThreadsComeInOrder(boolean waits) throws Exception {
    int threads = 4;
    CaptureQueue queue = new CaptureQueue(1 << 13, waits);
    Checker checker = new Checker(threads);
    List<Background<Void>> all = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int key = i;
      all.add(Background.run(() -> offer(queue, key)));
    }
    Deadline deadline = Deadline.start();
    while (all.stream().anyMatch(each -> !each.isDone()) && !deadline.passed()) {
      queue.drain(checker);
    }
    all.forEach(Background::result);
    queue.drain(checker);
    assertThat(checker.taken + queue.droppedPackets()).isEqualTo(threads * (long) EACH);
    assertThat(checker.lost + queue.lostSince()).isEqualTo(queue.droppedPackets());
    if (waits) {
      assertThat(queue.droppedPackets()).isZero();
    }
  }

  private static Void offer(CaptureQueue queue, int key) {
    ByteBuffer payload = ByteBuffer.allocate(300);
    for (int i = 0; i < EACH; i++) {
      int bytes = (i * 31 + key) % 300;
      for (int k = 0; k < bytes; k++) {
        payload.put(k, (byte) i);
      }
      queue.offer(Kind.DATA, key, 0, i, bytes, payload, bytes);
    }
    return null;
  }

  @Test
  void endsOfConnectionsFindRoomBesideData() throws IOException {
    CaptureQueue queue = new CaptureQueue(1 << 12, false);
    ByteBuffer payload = ByteBuffer.allocate(16);
    while (queue.droppedPackets() == 0) {
      queue.offer(Kind.DATA, 0, 0, 0, 16, payload, 16);
    }
    assertThat(queue.offer(Kind.FINISHED, 0, 0, 0, 0, payload, 0)).isTrue();
    List<Kind> kinds = new ArrayList<>();
    queue.drain((kind, key, nanos, position, number, lost, bytes) -> kinds.add(kind));
    assertThat(kinds).last().isEqualTo(Kind.FINISHED);
    assertThat(queue.droppedBytes()).isEqualTo(16);
  }

  @Test
  void aClosedQueueTakesNothingAndCountsNothing() {
    CaptureQueue queue = new CaptureQueue(1 << 12, true);
    queue.close();
    assertThat(queue.offer(Kind.RESET, 0, 0, 0, 0, ByteBuffer.allocate(0), 0)).isFalse();
    assertThat(queue.droppedPackets()).isZero();
    assertThat(queue.claimed()).isZero();
  }

  @Test
  void aQueueThatIsForgottenRefusesWhatIsOfferedLater() {
    CaptureQueue queue = new CaptureQueue(1 << 12, true);
    ByteBuffer payload = ByteBuffer.allocate(5);
    assertThat(queue.offer(Kind.DATA, 0, 0, 0, 5, payload, 5)).isTrue();
    queue.forget();
    assertThat(queue.offer(Kind.DATA, 0, 0, 0, 5, payload, 5)).isFalse();
    assertThat(queue.droppedPackets()).isZero();
  }

  @Test
  void whoWaitsForRoomIsLetGoByClose() {
    CaptureQueue queue = new CaptureQueue(1 << 12, true);
    Background<Void> waiting = Background.run(() -> offer(queue, 1));
    waiting.awaitAsleep();
    queue.close();
    waiting.result();
  }
}
