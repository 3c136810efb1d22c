package io.nioring.hybrid;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingSelectorProvider;
import io.nioring.internal.platform.ChildJvm;
import io.nioring.testkit.Background;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A connection that a process was started with, as by {@code inetd}: it is the kernel's. */
class InheritedChannelTest {
  /** Starts a JVM with a connection to that port of 127.0.0.1 as its standard input. */
  private static final String CONNECTED =
      "exec bash -c 'exec \"$@\" 0<>/dev/tcp/127.0.0.1/%d' bash \"$@\"";

  private static final long WAIT_SECONDS = 60;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"ring", "hybrid"})
  void itIsThePlatformsInEachMode(String mode) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Background<String> answer = Background.run(() -> ask(server));

      ChildJvm program =
          ChildJvm.command(InheritedProgram.class)
              .shell(CONNECTED.formatted(server.getLocalPort()))
              .flags(
                  "-Djava.nio.channels.spi.SelectorProvider="
                      + RingSelectorProvider.class.getName(),
                  "-Dnioring.mode=" + mode);

      assertThat(program.run(directory, WAIT_SECONDS))
          .filteredOn(line -> !line.startsWith("SLF4J"))
          .containsExactly("RingSelectorProvider, sun.nio.ch");
      assertThat(answer.result()).isEqualTo("hello");
    }
  }

  private static String ask(ServerSocket server) throws IOException {
    try (Socket connection = server.accept()) {
      connection.getOutputStream().write("hello".getBytes(UTF_8));
      return new String(connection.getInputStream().readAllBytes(), UTF_8);
    }
  }
}
