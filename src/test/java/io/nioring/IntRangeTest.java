package io.nioring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IntRangeTest {

  private static final IntRange BOUND = new IntRange(2, 9, "sheep");

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 9})
  void givesBackWhatIsWithin(int value) {
    assertThat(BOUND.check("flock", value)).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10, -3, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void refusesWhatIsNotAndNamesNameValueAndBound(int value) {
    assertThatThrownBy(() -> BOUND.check("flock", value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("flock is " + value + ", expected a number from 2 to 9 (sheep)");
  }
}
