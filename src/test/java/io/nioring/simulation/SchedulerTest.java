package io.nioring.simulation;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The scheduler of a simulation does what {@link ScheduledThreadPoolExecutor} does by default. */
@Timeout(180)
@SuppressWarnings("FutureReturnValueIgnored") // what runs is counted
class SchedulerTest {
  private static final int TASKS = 10;

  private final Simulation sim =
      Simulation.open(SimulationConfig.builder().virtualTime(true).build());
  private final ScheduledExecutorService scheduler = sim.scheduler();
  private final AtomicInteger runs = new AtomicInteger();

  @AfterEach
  void close() {
    sim.close();
  }

  @Test
  void shutdownLeavesWhatWaitsForItsTime() throws Exception {
    for (int i = 0; i < TASKS; i++) {
      scheduler.execute(runs::incrementAndGet);
    }
    Future<?> later = scheduler.schedule(runs::incrementAndGet, 5, TimeUnit.SECONDS);
    Future<?> repeating = scheduler.scheduleAtFixedRate(() -> {}, 1, 1, TimeUnit.SECONDS);
    scheduler.shutdown();

    assertThat(scheduler.isShutdown()).isTrue();
    assertThat(scheduler.isTerminated()).isFalse();
    assertThat(repeating.isCancelled()).isTrue();
    assertThatThrownBy(() -> scheduler.execute(runs::incrementAndGet))
        .isInstanceOf(RejectedExecutionException.class);
    assertThat(scheduler.awaitTermination(1, TimeUnit.HOURS)).isTrue();
    assertThat(scheduler.isTerminated()).isTrue();
    assertThat(later.isDone()).isTrue();
    assertThat(runs).hasValue(TASKS + 1);
    assertThat(sim.elapsed()).isEqualTo(ofSeconds(5));
  }

  @Test
  void theSchedulerOfAClosedSimulationRefusesTasks() {
    Simulation closed = Simulation.open();
    closed.close();
    ScheduledExecutorService late = closed.scheduler();
    assertThat(late.isShutdown()).isTrue();
    assertThatThrownBy(() -> late.schedule(runs::incrementAndGet, 0, TimeUnit.SECONDS))
        .isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void theExecutorOfAHostOfAClosedSimulationRefusesTasks() {
    Simulation closed = Simulation.open();
    RingHost host = closed.host("late");
    closed.close();
    assertThat(host.executor().isShutdown()).isTrue();
    assertThatThrownBy(() -> host.executor().execute(runs::incrementAndGet))
        .isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void noTaskIsRefusedAtOnce() {
    Runnable none = null;
    assertThatThrownBy(() -> scheduler.execute(none)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> scheduler.schedule(none, 1, TimeUnit.SECONDS))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> scheduler.scheduleAtFixedRate(none, 1, 1, TimeUnit.SECONDS))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> scheduler.scheduleWithFixedDelay(none, 1, 1, TimeUnit.SECONDS))
        .isInstanceOf(NullPointerException.class);
  }

  @Test
  void terminationIsAwaitedForALimitedTimeOfTheSimulation() throws Exception {
    scheduler.schedule(runs::incrementAndGet, 5, TimeUnit.SECONDS);
    scheduler.shutdown();
    assertThat(scheduler.awaitTermination(4, TimeUnit.SECONDS)).isFalse();
    assertThat(sim.elapsed()).isEqualTo(ofSeconds(4));
    assertThat(runs).hasValue(0);
  }

  @Test
  void aTaskThatRunsIsNotTerminated() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    scheduler.execute(
        () -> {
          begun.countDown();
          while (goOn.getCount() > 0) {
            Thread.onSpinWait(); // deaf to interrupts
          }
        });
    scheduler.schedule(runs::incrementAndGet, 5, TimeUnit.SECONDS);
    sim.advance(Duration.ZERO);
    begun.await();
    assertThat(scheduler.shutdownNow()).hasSize(1);
    assertThat(scheduler.isTerminated()).isFalse();
    goOn.countDown();
    assertThat(scheduler.awaitTermination(1, TimeUnit.HOURS)).isTrue();
    assertThat(runs).hasValue(0);
  }

  @Test
  void aPeriodWithoutEndRunsOnce() {
    scheduler.scheduleWithFixedDelay(
        runs::incrementAndGet, 1, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    scheduler.scheduleAtFixedRate(runs::incrementAndGet, 1, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    sim.advance(ofSeconds(1));
    assertThat(runs).hasValue(2);
  }

  @Test
  void aTaskThatRepeatsAndFailsLeavesNothing() {
    Future<?> failing =
        scheduler.scheduleAtFixedRate(
            () -> {
              runs.incrementAndGet();
              throw new IllegalStateException("made");
            },
            1,
            1,
            TimeUnit.SECONDS);
    sim.advance(ofSeconds(5));
    assertThat(runs).hasValue(1);
    assertThatThrownBy(failing::get)
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseMessage("made");
    assertThat(scheduler.shutdownNow()).isEqualTo(List.of());
    assertThat(scheduler.isTerminated()).isTrue();
  }

  @Test
  void aTaskThatIsCancelledWhileItRunsDoesNotRepeat() throws Exception {
    Future<?>[] repeating = new Future<?>[1];
    repeating[0] =
        scheduler.scheduleAtFixedRate(
            () -> {
              runs.incrementAndGet();
              repeating[0].cancel(false);
            },
            1,
            1,
            TimeUnit.SECONDS);
    sim.advance(ofSeconds(5));
    assertThat(runs).hasValue(1);
    scheduler.shutdown();
    assertThat(scheduler.awaitTermination(1, TimeUnit.SECONDS)).isTrue();
  }
}
