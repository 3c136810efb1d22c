package io.nioring.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.poll.Readiness;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Writes of more bytes than are published at once. */
class LargeWriteTest {
  private static final int CAPACITY = 1 << 20;

  private final Ends ends = new Ends(CAPACITY);

  @ParameterizedTest
  @CsvSource({"1, 1", "65536, 1", "65537, 2", "131072, 2", "200000, 4"})
  void theReaderIsWokenForEachPart(int bytes, int wakeUps) throws Exception {
    assertThat(Ends.write(ends.a, bytes)).isEqualTo(bytes);

    assertThat(ends.wakeUps(ends.b)).isEqualTo(Collections.nCopies(wakeUps, Readiness.IN));
    assertThat(Ends.read(ends.b, CAPACITY)).isEqualTo(bytes);
  }

  @Test
  void aFullRingEndsIt() throws Exception {
    assertThat(Ends.write(ends.a, CAPACITY - 1)).isEqualTo(CAPACITY - 1);
    ends.wakeUps(ends.b);

    assertThat(Ends.write(ends.a, 200_000)).isEqualTo(1);

    assertThat(ends.wakeUps(ends.b)).containsExactly(Readiness.IN);
    assertThat(Ends.read(ends.b, CAPACITY)).isEqualTo(CAPACITY);
  }
}
