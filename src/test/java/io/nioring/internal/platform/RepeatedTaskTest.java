package io.nioring.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RepeatedTaskTest {
  private static final long PAUSE_NANOS = 2_000_000;

  private final AtomicInteger steps = new AtomicInteger();

  @Test
  void endsAfterTheLastStep() {
    new RepeatedTask(() -> steps.incrementAndGet() == 3).run();

    assertThat(steps).hasValue(3);
  }

  @Test
  void pausesAfterAnErrorAndGoesOn() {
    long start = System.nanoTime();
    new RepeatedTask(
            () -> {
              int step = steps.incrementAndGet();
              if (step == 2) {
                throw new OutOfMemoryError("a test's");
              }
              if (step == 3) {
                throw new IllegalStateException("a test's");
              }
              return step == 5;
            },
            PAUSE_NANOS)
        .run();

    assertThat(steps).hasValue(5);
    // A thread that was woken by accident may go on at once, not both times.
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(PAUSE_NANOS);
  }
}
