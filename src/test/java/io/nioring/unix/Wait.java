package io.nioring.unix;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Bounded waits. */
final class Wait {
  static final Duration LONGEST = Duration.ofSeconds(30);

  private Wait() {}

  static void until(String what, Callable<Boolean> condition) {
    await(what)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .atMost(LONGEST)
        .until(condition);
  }
}
