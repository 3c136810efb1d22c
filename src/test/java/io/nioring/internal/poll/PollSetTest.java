package io.nioring.internal.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Background;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PollSetTest {
  private static final long WAIT_SECONDS = 60;

  private final PollSet poll = new PollSet();

  /** A waiter that notes what it was woken for. */
  private static final class Recorder implements Waiter {
    private final List<Integer> calls = Collections.synchronizedList(new ArrayList<>());
    private final int wanted;

    Recorder() {
      this(Readiness.ALL);
    }

    Recorder(int wanted) {
      this.wanted = wanted;
    }

    @Override
    public boolean wants(int bits) {
      return (wanted & bits) != 0;
    }

    @Override
    public void wake(int bits) {
      calls.add(bits);
    }
  }

  @Test
  void wakingWithoutWaitersDoesNothing() {
    poll.wake(Readiness.ALL);
    assertThat(poll.isOutWanted()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 10})
  void everyWaiterHearsOfEveryChangeWithItsBits(int count) {
    List<Recorder> waiters = add(count);

    poll.wake(Readiness.IN);
    poll.wake(Readiness.OUT | Readiness.HUP);

    for (Recorder waiter : waiters) {
      assertThat(waiter.calls).containsExactly(Readiness.IN, Readiness.OUT | Readiness.HUP);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "2, 0", "2, 1", "3, 0", "3, 1", "3, 2"})
  void removedWaiterIsNoLongerNotifiedAndTheOthersAre(int count, int removed) {
    List<Recorder> waiters = add(count);
    poll.remove(waiters.get(removed));

    poll.wake(Readiness.IN);

    for (int i = 0; i < count; i++) {
      assertThat(waiters.get(i).calls).hasSize(i == removed ? 0 : 1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void removingAWaiterThatIsNotThereDoesNothing(int count) {
    List<Recorder> waiters = add(count);
    poll.remove(new Recorder());

    poll.wake(Readiness.IN);

    assertThat(waiters).allSatisfy(waiter -> assertThat(waiter.calls).hasSize(1));
  }

  @Test
  void waiterMayComeBack() {
    Recorder waiter = new Recorder();
    for (int i = 0; i < 3; i++) {
      poll.add(waiter);
      poll.remove(waiter);
      poll.wake(Readiness.IN);
    }
    assertThat(waiter.calls).isEmpty();
    poll.add(waiter);
    poll.wake(Readiness.IN);
    assertThat(waiter.calls).hasSize(1);
  }

  private List<Recorder> add(int count) {
    List<Recorder> waiters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Recorder waiter = new Recorder();
      waiters.add(waiter);
      poll.add(waiter);
    }
    return waiters;
  }

  @Test
  void armedReaderIsUnparkedForInput() {
    poll.armReader(Thread.currentThread());

    assertUnparks(Readiness.IN);
    assertUnparks(Readiness.ALL);
    assertDoesNotUnpark(Readiness.OUT);
    assertThat(poll.isOutWanted()).isFalse();

    poll.disarmReader();
    assertDoesNotUnpark(Readiness.ALL);
  }

  @Test
  void armedWriterIsUnparkedForRoom() {
    poll.armWriter(Thread.currentThread());

    assertUnparks(Readiness.OUT);
    assertUnparks(Readiness.ALL);
    assertDoesNotUnpark(Readiness.IN);
    assertThat(poll.isOutWanted()).isTrue();

    poll.disarmWriter();
    assertDoesNotUnpark(Readiness.ALL);
    assertThat(poll.isOutWanted()).isFalse();
  }

  private void assertUnparks(int bits) {
    assertThat(parkedAfterWake(bits, TimeUnit.SECONDS.toNanos(WAIT_SECONDS)))
        .isLessThan(TimeUnit.SECONDS.toNanos(WAIT_SECONDS));
  }

  private void assertDoesNotUnpark(int bits) {
    long nanos = TimeUnit.MILLISECONDS.toNanos(20);
    assertThat(parkedAfterWake(bits, nanos)).isGreaterThanOrEqualTo(nanos);
  }

  /** How long this thread parks after a wake-up: nothing if that gave it a permit. */
  private long parkedAfterWake(int bits, long longestNanos) {
    LockSupport.parkNanos(this, 1); // takes a permit left over
    poll.wake(bits);
    long start = System.nanoTime();
    LockSupport.parkNanos(this, longestNanos);
    return System.nanoTime() - start;
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "2, 0", "2, 1", "3, 1"})
  void roomIsWantedIfOneOfTheWaitersWantsIt(int count, int wanting) {
    List<Recorder> waiters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Recorder waiter = new Recorder(i == wanting ? Readiness.OUT : Readiness.IN);
      waiters.add(waiter);
      poll.add(waiter);
    }
    assertThat(poll.isOutWanted()).isTrue();
    poll.remove(waiters.get(wanting));
    assertThat(poll.isOutWanted()).isFalse();
  }

  @Test
  void noWaiterIsLostWhenManyThreadsAddAndRemove() throws Exception {
    int threads = 4;
    CyclicBarrier together = new CyclicBarrier(threads);
    List<Background<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      tasks.add(Background.run(() -> addHearRemove(together)));
    }
    for (Background<Void> task : tasks) {
      task.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }
    assertThat(poll.isOutWanted()).isFalse();
  }

  private Void addHearRemove(CyclicBarrier together) throws Exception {
    together.await(WAIT_SECONDS, TimeUnit.SECONDS);
    for (int round = 0; round < 5_000; round++) {
      Recorder waiter = new Recorder();
      poll.add(waiter);
      poll.wake(Readiness.IN);
      poll.remove(waiter);
      assertThat(waiter.calls).isNotEmpty();
    }
    return null;
  }
}
