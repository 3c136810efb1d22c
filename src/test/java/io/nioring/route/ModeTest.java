package io.nioring.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModeTest {

  @ParameterizedTest
  @CsvSource({
    "ring, RING",
    "RING, RING",
    "Ring, RING",
    "' ring ', RING",
    "hybrid, HYBRID",
    "kernel, KERNEL"
  })
  void parsesNamesInAnyCase(String text, Mode mode) {
    assertThat(Mode.parse(text)).isEqualTo(mode);
  }

  @ParameterizedTest
  @EnumSource
  void parsesItsOwnText(Mode mode) {
    assertThat(mode.text()).isLowerCase();
    assertThat(Mode.parse(mode.text())).isEqualTo(mode);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "rings", "rin", "ring,hybrid", "0"})
  void refusesOtherNamesAndListsTheKnownOnes(String text) {
    assertThatThrownBy(() -> Mode.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("unknown mode \"" + text.strip() + "\", expected one of ring, hybrid, kernel");
  }

  @Test
  void refusesNull() {
    assertThatNullPointerException().isThrownBy(() -> Mode.parse(null));
  }

  /** In Turkish the lower case of I is another letter. */
  @Test
  void doesNotDependOnTheLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("tr"));
    try {
      assertThat(Mode.RING.text()).isEqualTo("ring");
      assertThat(Mode.parse("RING")).isEqualTo(Mode.RING);
      assertThat(Routes.parse("UNIX:*=RING")).hasToString("unix:*=ring");
    } finally {
      Locale.setDefault(before);
    }
  }
}
