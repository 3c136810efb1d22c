package io.nioring.hybrid;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.hybrid.DescriptorProgram.Side;
import io.nioring.hybrid.DescriptorProgram.Way;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What kernel connections cost in descriptors, with the flag alone and without it: each in a JVM of
 * its own, which does the same.
 */
class DescriptorsOfHybridTest {
  @TempDir Path directory;

  @Test
  @Timeout(150)
  void hybridNeedsAGuardingSelectorMoreThanThePlatform() throws Exception {
    try (OtherJvm hybrid = start(List.of(OtherJvm.FLAG));
        OtherJvm platform = start(List.of())) {
      check(hybrid.report(), platform.report());
    }
  }

  private static void check(Map<String, Long> hybrid, Map<String, Long> platform) {
    assertThat(hybrid).hasSameSizeAs(platform).isNotEmpty();
    for (Side side : Side.values()) {
      for (Way way : Way.values()) {
        String open = DescriptorProgram.name(side, way, "open");
        assertThat(hybrid).containsEntry(open + ".socket", platform.get(open + ".socket"));
        // The outer selector has none; what it has inside is what the platform's has.
        long guard = side == Side.ACCEPTED ? 1 : 0;
        for (String kind : List.of(".poll", ".wake_up")) {
          assertThat(hybrid.get(open + kind))
              .as(open + kind)
              .isLessThanOrEqualTo(platform.get(open + kind) + guard);
        }
        String closed = DescriptorProgram.name(side, way, "closed");
        for (String kind : List.of(".socket", ".poll", ".wake_up")) {
          assertThat(hybrid).containsEntry(closed + kind, 0L);
        }
      }
    }
  }

  private OtherJvm start(List<String> flags) throws IOException {
    return OtherJvm.start(directory, DescriptorProgram.class, flags);
  }
}
