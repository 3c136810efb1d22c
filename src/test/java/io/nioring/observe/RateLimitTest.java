package io.nioring.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The token bucket, with a time of the test's. */
class RateLimitTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final RateLimit limit = new RateLimit(100, SECOND);
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

  @Test
  void settingAdmitsWhatItSays() {
    ThrottleControl setting = new ThrottleControl();
    assertThat(setting.getValue()).isEqualTo("100/s");
    assertThat(setting.combine(Set.of("10/s", "300/m", "nonsense"))).isEqualTo("10/s");
    assertThat(setting.combine(Set.of("10/s", "off"))).isEqualTo("off");
    setting.setValue("0/s");
    assertThat(setting.admits()).isFalse();
    setting.setValue("nonsense");
    assertThat(setting.getValue()).isEqualTo("0/s");
    setting.setValue("3/d");
    assertThat(IntStream.range(0, 10).filter(i -> setting.admits()).count()).isEqualTo(3);
    setting.setValue("off");
    assertThat(IntStream.range(0, 1000).allMatch(i -> setting.admits())).isTrue();
  }
}
