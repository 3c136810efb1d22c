package io.nioring.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingSelectorProvider;
import io.nioring.internal.platform.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The JVM's own sockets given to a network, which can be done once in a JVM. */
class PlainSocketsInTheirOwnJvmTest {
  private static final String FLAG =
      "-Djava.nio.channels.spi.SelectorProvider=" + RingSelectorProvider.class.getName();

  private static final List<String> ALL_WELL =
      List.of(
          "echo: hello",
          "channel to socket: hello",
          "socket to channel: hello",
          "http: hello",
          "tls by host: hello",
          "tls layered: hello",
          "tls unconnected: hello",
          "rmi: hello",
          "dropped: -1",
          "proxy: 0",
          "second factory: the JVM has a factory for its sockets already, which can't be changed any"
              + " more: factory already defined");

  @TempDir Path directory;

  @Test
  void socketsOfTheJvmNeedNoKernelInModeRing() throws Exception {
    List<String> lines = run("-Dnioring.mode=ring");

    assertThat(lines).startsWith(ALL_WELL.toArray(String[]::new));
    assertThat(lines).endsWith("kernel sockets: 0");
  }

  @Test
  void socketsOfTheJvmMeetOverRingsInModeHybrid() throws Exception {
    assertThat(run("-Dnioring.mode=hybrid")).startsWith(ALL_WELL.toArray(String[]::new));
  }

  private List<String> run(String mode) throws Exception {
    return ChildJvm.run(directory, PlainSocketsProgram.class, FLAG, mode).stream()
        .filter(line -> !line.startsWith("SLF4J"))
        .toList();
  }
}
