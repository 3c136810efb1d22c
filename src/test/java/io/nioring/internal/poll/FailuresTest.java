package io.nioring.internal.poll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class FailuresTest {
  private final List<String> done = new ArrayList<>();

  private Runnable failing(String name, Throwable failure) {
    return () -> {
      done.add(name);
      Failures.rethrow(failure);
    };
  }

  @Test
  void eachTaskIsRunAndTheFirstFailureThrown() {
    IllegalStateException first = new IllegalStateException();
    Queue<Runnable> tasks =
        new ArrayDeque<>(
            List.of(
                failing("a", null),
                failing("b", first),
                failing("c", new AssertionError()),
                failing("d", null)));

    Throwable thrown = catchThrowable(() -> Failures.runAll(tasks));

    assertThat(thrown).isSameAs(first);
    assertThat(done).containsExactly("a", "b", "c", "d");
    assertThat(tasks).isEmpty();
  }

  @Test
  void anErrorIsThrownAsItIs() {
    OutOfMemoryError error = new OutOfMemoryError();

    assertThat(catchThrowable(() -> Failures.rethrow(error))).isSameAs(error);
  }

  @Test
  void nothingIsThrownWhereNothingFailed() {
    assertThatCode(() -> Failures.rethrow(null)).doesNotThrowAnyException();
  }
}
