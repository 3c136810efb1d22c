package io.nioring.internal.names;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Background;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

class EphemeralPortsTest {
  @SuppressWarnings("UnnecessaryLambda") // a name for it reads better
  private static final IntPredicate NONE_BOUND = port -> false;

  private static final long WAIT_SECONDS = 20;

  private final EphemeralPorts ports = new EphemeralPorts();

  private List<Integer> take(int count, IntPredicate bound) {
    List<Integer> taken = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      taken.add(ports.take(bound));
    }
    return taken;
  }

  @Test
  void rangeIsThatOfLinux() {
    assertThat(EphemeralPorts.FIRST).isEqualTo(32768);
    assertThat(EphemeralPorts.FIRST + EphemeralPorts.COUNT - 1).isEqualTo(60999);
  }

  @Test
  void everyClientHasAPortOfItsOwnWhileTheRangeLasts() {
    List<Integer> taken = take(EphemeralPorts.COUNT, NONE_BOUND);

    assertThat(new HashSet<>(taken)).hasSize(EphemeralPorts.COUNT);
    assertThat(Collections.min(taken)).isEqualTo(EphemeralPorts.FIRST);
    assertThat(Collections.max(taken)).isEqualTo(60999);
  }

  @Test
  void portsAreSharedWhenTheRangeIsUsedUp() {
    take(EphemeralPorts.COUNT, NONE_BOUND);

    for (int port : take(1_000, NONE_BOUND)) {
      assertThat(port).isBetween(EphemeralPorts.FIRST, 60999);
      assertThat(ports.isFree(port)).isFalse();
    }
  }

  @Test
  void portIsFreeAgainWhenAllItsUsersGaveItBack() {
    List<Integer> all = take(EphemeralPorts.COUNT + 500, NONE_BOUND);
    for (int port : all) {
      assertThat(ports.isFree(port)).isFalse();
      ports.give(port);
    }

    assertThat(all).allMatch(ports::isFree);
    assertThat(new HashSet<>(take(EphemeralPorts.COUNT, NONE_BOUND))).hasSize(EphemeralPorts.COUNT);
  }

  @Test
  void lastFreePortIsFound() {
    List<Integer> all = take(EphemeralPorts.COUNT, NONE_BOUND);
    int free = all.get(12_345);
    ports.give(free);

    assertThat(ports.take(NONE_BOUND)).isEqualTo(free);
  }

  @Test
  void boundPortsAreLeftAlone() {
    IntPredicate oddOnesAreBound = port -> (port & 1) == 1;

    List<Integer> taken = take(EphemeralPorts.COUNT / 2, oddOnesAreBound);

    assertThat(taken).noneMatch(oddOnesAreBound::test).doesNotHaveDuplicates();
    assertThat(take(10, oddOnesAreBound)).noneMatch(oddOnesAreBound::test);
  }

  /** With every port of the range bound there is none to leave alone; a client still gets one. */
  @Test
  void clientsGetAPortAlsoWhenTheWholeRangeIsBound() throws Exception {
    Background<Integer> taking = Background.run(() -> ports.take(port -> true));

    assertThat(taking.get(WAIT_SECONDS, TimeUnit.SECONDS)).isBetween(EphemeralPorts.FIRST, 60999);
  }

  @Test
  void nextGoesRound() {
    int first = ports.next();
    for (int i = 1; i < EphemeralPorts.COUNT; i++) {
      assertThat(ports.next()).isNotEqualTo(first);
    }
    assertThat(ports.next()).isEqualTo(first);
  }

  @Test
  void threadsNeverShareAPortWhileThereAreFreeOnes() throws Exception {
    Set<Integer> inUse = Collections.synchronizedSet(new HashSet<>());
    List<Background<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Background<Void> task =
          Background.run(
              () -> {
                for (int round = 0; round < 30_000; round++) {
                  int port = ports.take(NONE_BOUND);
                  assertThat(inUse.add(port)).isTrue();
                  inUse.remove(port);
                  ports.give(port);
                }
                return null;
              });
      tasks.add(task);
    }
    for (Background<Void> task : tasks) {
      task.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }
  }
}
