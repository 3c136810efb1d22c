package io.nioring.internal.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.internal.poll.SpinPolicy;
import io.nioring.internal.time.Clock;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RingChannelGroupTest {
  private static final int CHANNELS = 10;

  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final RingChannelGroup group =
      new RingChannelGroup(
          null,
          null,
          new GroupThreads(executor, Clock.SYSTEM, new SpinPolicy(0), task -> {}),
          () -> {
            throw new AssertionError("the platform is not needed");
          },
          0);

  @AfterEach
  void end() {
    executor.shutdownNow();
  }

  /** The channels are a set: half of them are closed behind one that fails, or more. */
  @Test
  void shutdownNowClosesEachThoughOthersFail() {
    AtomicInteger closed = new AtomicInteger();
    for (int i = 0; i < CHANNELS; i++) {
      String message = "of channel " + i;
      group.add(closed::incrementAndGet);
      group.add(
          () -> {
            throw new OutOfMemoryError(message);
          });
    }
    assertThatThrownBy(group::shutdownNow).isInstanceOf(OutOfMemoryError.class);
    assertThat(closed).hasValue(CHANNELS);
  }
}
