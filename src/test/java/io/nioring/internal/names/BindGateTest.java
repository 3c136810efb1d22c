package io.nioring.internal.names;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Background;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class BindGateTest {
  private static final long WAIT_SECONDS = 20;

  private final BindGate gate = new BindGate(TimeUnit.SECONDS.toNanos(WAIT_SECONDS));

  @Test
  void connectsPassTogether() throws Exception {
    BindGate.Pass first = gate.toConnect();
    Background<Boolean> second = inThread(() -> gate.toConnect().giveBack());
    assertThat(second.get(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    first.giveBack();
  }

  @Test
  void connectWaitsForABind() throws Exception {
    BindGate.Pass bind = gate.toBind();
    Background<Boolean> connect = inThread(() -> gate.toConnect().giveBack());
    assertThat(connect.isDone()).isFalse();
    bind.giveBack();
    assertThat(connect.get(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  /** A connect may take minutes, if the backlog is full. */
  @Test
  void bindWaitsForAConnectThatLastsButNotForEver() throws Exception {
    BindGate impatient = new BindGate(TimeUnit.MILLISECONDS.toNanos(50));
    BindGate.Pass connect = impatient.toConnect();
    long start = System.nanoTime();
    Background<Boolean> bind = inThread(() -> impatient.toBind().giveBack());
    assertThat(bind.get(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(10));
    connect.giveBack();
    impatient.toBind().giveBack(); // the pass that was not had is not given back either
    assertThat(inThread(() -> impatient.toBind().giveBack()).get(WAIT_SECONDS, TimeUnit.SECONDS))
        .isTrue();
  }

  /**
   * The interleaving: a bind waits for a connect, and before that is over another one comes.
   * Clients that try again and again would always hold one pass or another.
   */
  @Test
  void connectDoesNotOvertakeABindThatWaits() throws Exception {
    AtomicBoolean bound = new AtomicBoolean();
    BindGate.Pass connect = gate.toConnect();
    Background<Boolean> bind =
        untilItWaits(
            () -> {
              BindGate.Pass pass = gate.toBind();
              bound.set(true);
              pass.giveBack();
              return true;
            });
    Background<Boolean> later =
        untilItWaits(
            () -> {
              BindGate.Pass pass = gate.toConnect();
              boolean before = bound.get();
              pass.giveBack();
              return before;
            });
    connect.giveBack();
    assertThat(later.get(WAIT_SECONDS, TimeUnit.SECONDS)).as("bound before").isTrue();
    assertThat(bind.get(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  /** Starts a task, and comes back when it waits, or is done. */
  private static <T> Background<T> untilItWaits(Callable<T> body) {
    return Background.run(body).awaitAsleep();
  }

  @Test
  void interruptedThreadPassesWhereNobodyIsInTheWay() throws Exception {
    Background<Boolean> bind =
        inThread(
            () -> {
              Thread.currentThread().interrupt();
              BindGate.Pass pass = gate.toBind();
              assertThat(Thread.interrupted()).isTrue();
              assertThat(untilItWaits(() -> passed(gate)).isDone()).isFalse();
              pass.giveBack();
            });
    assertThat(bind.get(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  private static boolean passed(BindGate gate) {
    gate.toConnect().giveBack();
    return true;
  }

  @Test
  void interruptEndsTheWaitAndStays() throws Exception {
    BindGate.Pass bind = gate.toBind();
    Background<Boolean> connect =
        inThread(
            () -> {
              Thread.currentThread().interrupt();
              gate.toConnect().giveBack();
              assertThat(Thread.interrupted()).isTrue();
            });
    assertThat(connect.get(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    bind.giveBack();
  }

  private static Background<Boolean> inThread(Runnable body) throws InterruptedException {
    CountDownLatch started = new CountDownLatch(1);
    Background<Boolean> task =
        Background.run(
            () -> {
              started.countDown();
              body.run();
              return true;
            });
    started.await();
    return task;
  }
}
