package io.nioring.internal.select;

import static java.nio.channels.SelectionKey.OP_ACCEPT;
import static java.nio.channels.SelectionKey.OP_CONNECT;
import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.platform.PlatformProvider;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.time.Clock;
import io.nioring.testkit.Background;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The queue with its nodes. */
@SuppressWarnings("IdentityHashMapUsage") // nodes are compared by identity
class ReadyQueueTest {
  private static final long WAIT_SECONDS = 60;

  private final ReadyQueue queue =
      new ReadyQueue(
          new Sleeper(new KernelPoller(PlatformProvider.lazy(), Clock.SYSTEM), Clock.SYSTEM));

  private ReadyNode node(int interestOps) {
    ReadyNode node = new ReadyNode(queue);
    node.getAndSetInterestOps(interestOps);
    return node;
  }

  private List<ReadyNode> takeAll() {
    List<ReadyNode> taken = new ArrayList<>();
    for (ReadyNode node = queue.takeAll(); node != null; node = node.next) {
      taken.add(node);
    }
    return taken;
  }

  @Test
  void isEmptyAtFirst() {
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.takeAll()).isNull();
  }

  @Test
  void givesAllNodesTheLastOneFirst() {
    ReadyNode one = node(OP_READ);
    ReadyNode two = node(OP_READ);
    ReadyNode three = node(OP_READ);
    one.enqueue();
    two.enqueue();
    three.enqueue();
    assertThat(queue.isEmpty()).isFalse();
    assertThat(takeAll()).containsExactly(three, two, one);
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.takeAll()).isNull();
  }

  @Test
  void nodeIsQueuedOnceUntilItIsLetGo() {
    ReadyNode node = node(OP_READ);
    node.enqueue();
    node.enqueue();
    node.wake(Readiness.IN);
    assertThat(takeAll()).containsExactly(node);

    node.wake(Readiness.IN);
    assertThat(queue.isEmpty()).as("it is a candidate still").isTrue();

    node.letGo();
    node.wake(Readiness.IN);
    assertThat(takeAll()).containsExactly(node);
  }

  @Test
  void nodeLetGoIsTakenBackByTheSelectorOrQueuedByAWakeUp() {
    ReadyNode node = node(OP_READ);
    node.enqueue();
    takeAll();
    node.letGo();
    assertThat(node.takeBack()).isTrue();
    assertThat(node.takeBack()).isFalse();

    node.letGo();
    node.wake(Readiness.IN);
    assertThat(node.takeBack()).isFalse();
    assertThat(takeAll()).containsExactly(node);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 8221, false", // all bits
    "1, 1, true",
    "1, 4, false",
    "1, 8221, true",
    "4, 4, true",
    "4, 1, false",
    "8, 4, true",
    "8, 1, false",
    "16, 1, true",
    "16, 4, false",
    "5, 1, true",
    "5, 4, true",
    "13, 8192, false" // end of input alone comes with IN
  })
  void wakeUpQueuesANodeThatIsInterested(int interestOps, int bits, boolean queued) {
    ReadyNode node = node(interestOps);
    assertThat(node.wants(bits)).isEqualTo(queued);
    node.wake(bits);
    assertThat(queue.isEmpty()).isEqualTo(!queued);
  }

  @Test
  void opsHaveTheNumbersUsedAbove() {
    assertThat(List.of(OP_READ, OP_WRITE, OP_CONNECT, OP_ACCEPT)).containsExactly(1, 4, 8, 16);
    assertThat(Readiness.ALL).isEqualTo(8221);
  }

  @Test
  void interestChangesReturnWhatWasThere() {
    ReadyNode node = node(OP_READ);
    assertThat(node.getAndAddInterestOps(OP_WRITE)).isEqualTo(OP_READ);
    assertThat(node.getAndKeepInterestOps(OP_WRITE)).isEqualTo(OP_READ | OP_WRITE);
    assertThat(node.getAndSetInterestOps(OP_CONNECT)).isEqualTo(OP_WRITE);
    assertThat(node.interestOps()).isEqualTo(OP_CONNECT);
  }

  @Test
  void noNodeIsLostOrDoubledWhenManyThreadsPush() throws Exception {
    int threads = 3;
    int nodes = 20_000;
    List<Background<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      Background<Void> task =
          Background.run(
              () -> {
                for (int n = 0; n < nodes; n++) {
                  node(OP_READ).wake(Readiness.IN);
                }
                return null;
              });
      tasks.add(task);
    }

    Map<ReadyNode, Boolean> seen = new IdentityHashMap<>();
    long start = System.nanoTime();
    while (seen.size() < threads * nodes) {
      for (ReadyNode node : takeAll()) {
        assertThat(seen.put(node, true)).isNull();
      }
      assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(WAIT_SECONDS));
    }
    for (Background<Void> task : tasks) {
      task.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }
    assertThat(queue.isEmpty()).isTrue();
  }

  /** What a select could not take any more: with what was pushed meanwhile nothing is missing. */
  @Test
  void nodesThatArePutBackAreTakenAgain() {
    ReadyNode one = new ReadyNode(queue);
    ReadyNode two = new ReadyNode(queue);
    ReadyNode three = new ReadyNode(queue);
    queue.push(one);
    queue.push(two);
    ReadyNode taken = queue.takeAll();
    queue.push(three);

    queue.putBack(taken);

    assertThat(takeAll()).containsExactly(two, one, three);
    assertThat(queue.isEmpty()).isTrue();
  }
}
