package io.nioring.internal.select;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.poll.Readiness;
import io.nioring.testkit.Background;
import java.nio.channels.SelectionKey;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The parts of a node's word, which threads change independently of one another. */
class ReadyNodeTest {
  private static final long WAIT_SECONDS = 60;
  private static final int ROUNDS = 200_000;

  private final ReadyNode node = new ReadyNode(null);

  @Test
  void newNodeHasNeitherIndexNorInterestAndIsNotQueued() {
    assertThat(node.index()).isEqualTo(-1);
    assertThat(node.interestOps()).isZero();
    assertThat(node.takeBack()).isTrue();
  }

  @Test
  void partsDoNotTouchOneAnother() {
    node.index(ReadyNode.INDEXES - 1);
    assertThat(node.takeBack()).isTrue();
    assertThat(node.getAndSetInterestOps(SelectionKey.OP_CONNECT)).isZero();
    assertThat(node.getAndAddInterestOps(SelectionKey.OP_READ)).isEqualTo(SelectionKey.OP_CONNECT);
    assertThat(node.getAndKeepInterestOps(SelectionKey.OP_READ))
        .isEqualTo(SelectionKey.OP_CONNECT | SelectionKey.OP_READ);
    assertThat(node.interestOps()).isEqualTo(SelectionKey.OP_READ);
    assertThat(node.takeBack()).as("still queued").isFalse();
    assertThat(node.index()).isEqualTo(ReadyNode.INDEXES - 1);
    assertThat(node.wants(Readiness.IN)).isTrue();
    assertThat(node.wants(Readiness.OUT)).isFalse();

    node.letGo();
    node.index(-1);

    assertThat(node.takeBack()).isTrue();
    assertThat(node.index()).isEqualTo(-1);
    assertThat(node.interestOps()).isEqualTo(SelectionKey.OP_READ);
  }

  /** The table moves an index while the program changes the interest, and peers queue. */
  @Test
  void noChangeIsLostAmongThreads() throws Exception {
    Background<Void> moving =
        Background.run(
            () -> {
              for (int i = 0; i < ROUNDS; i++) {
                node.index(i);
                assertThat(node.index()).isEqualTo(i);
              }
              return null;
            });
    Background<Void> queueing =
        Background.run(
            () -> {
              for (int i = 0; i < ROUNDS; i++) {
                assertThat(node.takeBack()).isTrue();
                node.letGo();
              }
              return null;
            });
    for (int i = 0; i < ROUNDS; i++) {
      assertThat(node.getAndSetInterestOps(SelectionKey.OP_READ)).isZero();
      assertThat(node.getAndAddInterestOps(SelectionKey.OP_WRITE)).isEqualTo(SelectionKey.OP_READ);
      assertThat(node.getAndKeepInterestOps(0))
          .isEqualTo(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
    }
    moving.get(WAIT_SECONDS, TimeUnit.SECONDS);
    queueing.get(WAIT_SECONDS, TimeUnit.SECONDS);
    assertThat(node.index()).isEqualTo(ROUNDS - 1);
  }
}
