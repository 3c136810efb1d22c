package io.nioring.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The token bucket, with a time of the test's. */
class RateLimitTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final RateLimit limit = new RateLimit(100);
  private final long start = System.nanoTime();

  private long admitted(long now, int asked) {
    return IntStream.range(0, asked).filter(i -> limit.admits(now)).count();
  }

  @Test
  void admitsOneSecondsAtOnceAndThenAsManyAsTimePasses() {
    assertThat(admitted(start, 500)).isEqualTo(100);
    assertThat(admitted(start + SECOND / 10, 500)).isEqualTo(10);
    assertThat(admitted(start + 100 * SECOND, 500)).isEqualTo(100);
  }
}
