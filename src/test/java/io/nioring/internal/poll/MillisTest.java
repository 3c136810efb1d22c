package io.nioring.internal.poll;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MillisTest {
  @ParameterizedTest
  @CsvSource({
    "-1, 1",
    "0, 1",
    "1, 1",
    "999999, 1",
    "1000000, 1",
    "1000001, 2",
    "1999999, 2",
    "2000000, 2",
    "9223372036854775806, 9223372036855"
  })
  void timesAreRoundedUpAndNeverNothing(long nanos, long millis) {
    assertThat(Millis.roundedUp(nanos)).isEqualTo(millis);
  }
}
