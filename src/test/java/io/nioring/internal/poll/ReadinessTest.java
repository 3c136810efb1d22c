package io.nioring.internal.poll;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReadinessTest {
  @Test
  void bitsAreNamedInMessages() {
    assertThat(Readiness.toString(0)).isEqualTo("none");
    assertThat(Readiness.toString(Readiness.OUT)).isEqualTo("OUT");
    assertThat(Readiness.toString(Readiness.OUT | Readiness.IN)).isEqualTo("IN|OUT");
    assertThat(Readiness.toString(Readiness.ALL)).isEqualTo("IN|OUT|RDHUP|HUP|ERR");
  }

  @Test
  void bitsHaveTheNumbersOfThePollSystemCall() {
    assertThat(Readiness.ALL).isEqualTo(0x1 | 0x4 | 0x8 | 0x10 | 0x2000);
  }
}
