package io.nioring.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RepeatedTaskTest {
  private static final long PAUSE_NANOS = 2_000_000;
  private static final int LAST = 5;

  /** Its second and third steps may fail. */
  private static final class Counting extends RepeatedTask {
    private final boolean fails;
    private int steps;

    Counting(boolean fails) {
      super(PAUSE_NANOS);
      this.fails = fails;
    }

    @Override
    protected boolean step() {
      steps++;
      if (fails && steps == 2) {
        throw new OutOfMemoryError("a test's");
      }
      if (fails && steps == 3) {
        throw new IllegalStateException("a test's");
      }
      return steps == LAST;
    }
  }

  @Test
  void endsAfterTheLastStep() {
    Counting task = new Counting(false);
    task.run();

    assertThat(task.steps).isEqualTo(LAST);
  }

  @Test
  void pausesAfterAnErrorAndGoesOn() {
    Counting task = new Counting(true);
    long start = System.nanoTime();
    task.run();

    assertThat(task.steps).isEqualTo(LAST);
    // A thread may be woken from a pause by accident, but not from both.
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(PAUSE_NANOS);
  }
}
