package io.nioring.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PortRangeTest {

  @ParameterizedTest
  @CsvSource({
    "*, 0, 65535, *",
    "0-65535, 0, 65535, *",
    "0, 0, 0, 0",
    "443, 443, 443, 443",
    "00443, 443, 443, 443",
    "65535, 65535, 65535, 65535",
    "9000-9100, 9000, 9100, 9000-9100",
    "7-7, 7, 7, 7",
  })
  void parses(String text, int first, int last, String canonical) {
    PortRange range = PortRange.parse(text);

    assertThat(range).isEqualTo(new PortRange(first, last)).hasToString(canonical);
    assertThat(PortRange.parse(canonical)).isEqualTo(range);
  }

  @ParameterizedTest
  @CsvSource({
    "'', *",
    "http, http",
    "-1, -1",
    "1-, 1-",
    "1-2-3, 1-2-3",
    "1 - 2, 1 - 2",
    "999999, 999999",
    "65536, 65536",
    "1-65536, 65536",
    "+1, +1",
  })
  void refusesOtherTexts(String text, String quoted) {
    assertThatThrownBy(() -> PortRange.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a port *, N or N-M with numbers of 0 to 65535")
        .hasMessageContaining(quoted);
  }

  @ParameterizedTest
  @ValueSource(strings = {"2-1", "65535-0"})
  void refusesRangesThatRunBackwards(String text) {
    assertThatThrownBy(() -> PortRange.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected a range of ports N-M with N no greater than M, found " + text);
  }

  @ParameterizedTest
  @CsvSource({"9, false", "10, true", "15, true", "20, true", "21, false"})
  void includesBothEnds(int port, boolean contained) {
    assertThat(new PortRange(10, 20).contains(port)).isEqualTo(contained);
  }
}
