package io.nioring.hybrid;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingAsynchronousChannelProvider;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the platform has no IPv6 there is none over rings, whatever addresses these could have. */
@Timeout(180)
class WithoutIpv6Test {
  private static final String IPV4_ALONE = "-Djava.net.preferIPv4Stack=true";

  private static final String ASYNCHRONOUS =
      "-Djava.nio.channels.spi.AsynchronousChannelProvider="
          + RingAsynchronousChannelProvider.class.getName();

  /** Not the service file's either. */
  private static final String PLATFORM = "-Dnioring.mode=kernel";

  @TempDir private Path directory;

  /** What the program prints, in the words of JDK 17. */
  private List<String> run(String... flags) throws Exception {
    try (OtherJvm jvm = OtherJvm.start(directory, AddressesProgram.class, List.of(flags))) {
      return jvm.remainingLines().stream()
          .map(line -> line.replace("IPv6 protocol family", "Protocol family"))
          .toList();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ring", "hybrid"})
  void addressesAreThePlatforms(String mode) throws Exception {
    List<String> platform = run(PLATFORM, IPV4_ALONE);

    assertThat(platform).contains("wildcard: 0.0.0.0", "any: 0.0.0.0").hasSize(14);
    assertThat(run(OtherJvm.FLAG, ASYNCHRONOUS, IPV4_ALONE, "-Dnioring.mode=" + mode))
        .isEqualTo(platform);
  }

  @Test
  void withIpv6TheyAreThePlatformsToo() throws Exception {
    assertThat(run(OtherJvm.FLAG, ASYNCHRONOUS, "-Dnioring.mode=ring")).isEqualTo(run(PLATFORM));
  }
}
