package io.nioring.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BindGateTest {
  private static final long WAIT_SECONDS = 20;

  private final BindGate gate = new BindGate();

  @Test
  void connectsPassTogether() throws Exception {
    BindGate.Pass first = gate.toConnect();
    FutureTask<Boolean> second = inThread(() -> gate.toConnect().giveBack());
    assertThat(second.get(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    first.giveBack();
  }

  @Test
  void connectWaitsForABind() throws Exception {
    BindGate.Pass bind = gate.toBind();
    FutureTask<Boolean> connect = inThread(() -> gate.toConnect().giveBack());
    assertThat(connect).isNotDone();
    bind.giveBack();
    assertThat(connect.get(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  /** A connect may take minutes, if the network swallows it. */
  @Test
  void bindWaitsForAConnectThatLastsButNotForEver() throws Exception {
    BindGate.Pass connect = gate.toConnect();
    long start = System.nanoTime();
    FutureTask<Boolean> bind = inThread(() -> gate.toBind().giveBack());
    assertThat(bind.get(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(10));
    connect.giveBack();
    gate.toBind().giveBack(); // the pass that was not had is not given back either
    assertThat(inThread(() -> gate.toBind().giveBack()).get(WAIT_SECONDS, TimeUnit.SECONDS))
        .isTrue();
  }

  @Test
  void interruptEndsTheWaitAndStays() throws Exception {
    BindGate.Pass bind = gate.toBind();
    FutureTask<Boolean> connect =
        inThread(
            () -> {
              Thread.currentThread().interrupt();
              gate.toConnect().giveBack();
              assertThat(Thread.interrupted()).isTrue();
            });
    assertThat(connect.get(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    bind.giveBack();
  }

  private static FutureTask<Boolean> inThread(Runnable body) throws InterruptedException {
    CountDownLatch started = new CountDownLatch(1);
    FutureTask<Boolean> task =
        new FutureTask<>(
            () -> {
              started.countDown();
              body.run();
              return true;
            });
    new Thread(task, "gate").start();
    started.await();
    return task;
  }
}
