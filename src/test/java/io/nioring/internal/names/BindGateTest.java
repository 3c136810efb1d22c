package io.nioring.internal.names;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

@SuppressWarnings("AddressSelection") // literals, not names
class BindGateTest {
  private static final long WAIT_SECONDS = 60;
  private static final int PORT = 8080;
  private static final InetSocketAddress ADDRESS = address("127.0.0.1", PORT);

  private final BindGate gate = new BindGate(TimeUnit.SECONDS.toNanos(WAIT_SECONDS));

  private static InetSocketAddress address(String ip, int port) {
    return new InetSocketAddress(ip, port);
  }

  @Test
  void connectsPassTogether() throws Exception {
    BindGate.Pass first = gate.toConnect(ADDRESS);
    Background<Boolean> second = inThread(() -> gate.toConnect(ADDRESS).giveBack());
    assertThat(second.get(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    first.giveBack();
  }

  @Test
  void connectWaitsForABind() throws Exception {
    BindGate.Pass bind = gate.toBind(ADDRESS);
    Background<Boolean> connect = inThread(() -> gate.toConnect(ADDRESS).giveBack());
    assertThat(connect.isDone()).isFalse();
    bind.giveBack();
    assertThat(connect.get(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  /** As for lack of memory; an entry that stayed would keep each later bind waiting. */
  @Test
  void requestThatFailsKeepsNobodyOut() throws Exception {
    Object failing =
        new Object() {
          @Override
          public boolean equals(Object other) {
            throw new OutOfMemoryError("of the test");
          }

          @Override
          public int hashCode() {
            return 0;
          }
        };
    BindGate.Pass first = gate.toBind(failing);
    assertThatThrownBy(() -> gate.toBind("place")).isInstanceOf(OutOfMemoryError.class);
    first.giveBack();
    Background<Boolean> bind = inThread(() -> gate.toBind("place").giveBack());
    assertThat(bind.get(WAIT_SECONDS / 2, TimeUnit.SECONDS)).isTrue();
  }

  /** A connect may take minutes, if the backlog is full. */
  @Test
  void bindWaitsForASlowConnectButNotForever() throws Exception {
    BindGate impatient = new BindGate(TimeUnit.MILLISECONDS.toNanos(50));
    BindGate.Pass connect = impatient.toConnect(ADDRESS);
    long start = System.nanoTime();
    Background<Boolean> bind = inThread(() -> impatient.toBind(ADDRESS).giveBack());
    assertThat(bind.get(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(10));
    connect.giveBack();
    impatient.toBind(ADDRESS).giveBack(); // the pass that was not had is not given back either
    assertThat(
            inThread(() -> impatient.toBind(ADDRESS).giveBack())
                .get(WAIT_SECONDS, TimeUnit.SECONDS))
        .isTrue();
  }

  /** A plain socket cannot begin a connect without waiting for its end. */
  @Test
  void bindWaitsForAConnectThatWaitsInTheKernelOnlyUntilItHasBegun() throws Exception {
    BindGate.Pass connect = gate.toConnect(ADDRESS);
    Background<Boolean> bind = untilItWaits(() -> bound(gate));
    assertThat(bind.isDone()).isFalse();
    connect.waitsInKernel();
    assertThat(bind.get(WAIT_SECONDS / 2, TimeUnit.SECONDS)).isTrue();
    assertThat(inThread(() -> bound(gate)).get(WAIT_SECONDS / 2, TimeUnit.SECONDS)).isTrue();
    connect.giveBack();
  }

  private static boolean bound(BindGate gate) {
    gate.toBind(ADDRESS).giveBack();
    return true;
  }

  /**
   * The interleaving: a bind waits for a connect, and before that is over another one comes.
   * Clients that try again and again would always hold one pass or another.
   */
  @Test
  void connectDoesNotOvertakeABindThatWaits() throws Exception {
    AtomicBoolean bound = new AtomicBoolean();
    BindGate.Pass connect = gate.toConnect(ADDRESS);
    Background<Boolean> bind =
        untilItWaits(
            () -> {
              BindGate.Pass pass = gate.toBind(ADDRESS);
              bound.set(true);
              pass.giveBack();
              return true;
            });
    Background<Boolean> later =
        untilItWaits(
            () -> {
              BindGate.Pass pass = gate.toConnect(ADDRESS);
              boolean before = bound.get();
              pass.giveBack();
              return before;
            });
    connect.giveBack();
    assertThat(later.get(WAIT_SECONDS, TimeUnit.SECONDS)).as("bound before").isTrue();
    assertThat(bind.get(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  /** Ports that are equal modulo 16 are no neighbours, nor are a path and a port. */
  @Test
  void otherAddressesPassWhileOneIsBoundOrConnects() throws Exception {
    List<Object> others =
        List.of(
            address("127.0.0.1", PORT + 16),
            address("127.0.0.2", PORT),
            address("::1", PORT),
            Path.of("/run/app/socket"));
    for (BindGate.Pass held : List.of(gate.toBind(ADDRESS), gate.toConnect(Path.of("/run/x")))) {
      for (Object other : others) {
        assertThat(
                untilItWaits(
                        () -> {
                          gate.toBind(other).giveBack();
                          gate.toConnect(other).giveBack();
                          return true;
                        })
                    .isDone())
            .as("%s", other)
            .isTrue();
      }
      held.giveBack();
    }
  }

  @Test
  void wildcardStandsForEveryAddressOfItsPort() throws Exception {
    for (String wildcard : List.of("0.0.0.0", "::")) {
      BindGate.Pass bind = gate.toBind(address(wildcard, PORT));
      Background<Boolean> connect = untilItWaits(() -> passed(gate));
      assertThat(connect.isDone()).isFalse();
      bind.giveBack();
      assertThat(connect.get(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    }
  }

  /** Starts a task, and comes back when it waits, or is done. */
  private static <T> Background<T> untilItWaits(Callable<T> body) {
    return Background.run(body).awaitAsleep();
  }

  @Test
  void interruptedThreadPassesWhereNothingBlocksIt() throws Exception {
    Background<Boolean> bind =
        inThread(
            () -> {
              Thread.currentThread().interrupt();
              BindGate.Pass pass = gate.toBind(ADDRESS);
              assertThat(Thread.interrupted()).isTrue();
              assertThat(untilItWaits(() -> passed(gate)).isDone()).isFalse();
              pass.giveBack();
            });
    assertThat(bind.get(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  private static boolean passed(BindGate gate) {
    gate.toConnect(ADDRESS).giveBack();
    return true;
  }

  @Test
  void interruptEndsTheWaitAndStays() throws Exception {
    BindGate.Pass bind = gate.toBind(ADDRESS);
    Background<Boolean> connect =
        inThread(
            () -> {
              Thread.currentThread().interrupt();
              gate.toConnect(ADDRESS).giveBack();
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
