package io.nioring.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.poll.Readiness;
import org.junit.jupiter.api.Test;

class ReadinessBitTest {

  @Test
  void masksAreThoseOfTheInternalBits() {
    assertThat(ReadinessBit.IN.mask()).isEqualTo(Readiness.IN);
    assertThat(ReadinessBit.OUT.mask()).isEqualTo(Readiness.OUT);
    assertThat(ReadinessBit.ERR.mask()).isEqualTo(Readiness.ERR);
    assertThat(ReadinessBit.HUP.mask()).isEqualTo(Readiness.HUP);
    assertThat(ReadinessBit.RDHUP.mask()).isEqualTo(Readiness.RDHUP);
    assertThat(ReadinessBit.setOf(Readiness.ALL)).containsExactly(ReadinessBit.values());
    assertThat(ReadinessBit.setOf(0)).isEmpty();
  }
}
