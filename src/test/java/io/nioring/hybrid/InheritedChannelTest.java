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
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A connection that a process was started with, as by {@code inetd}: it is the kernel's. */
class InheritedChannelTest {
  /** Starts the command with a connection to that port as its standard input. */
  private static final String CONNECTED = "port=$1; shift; exec \"$@\" 0<>/dev/tcp/127.0.0.1/$port";

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"ring", "hybrid"})
  void itIsThePlatformsInEachMode(String mode) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      List<String> command = new ArrayList<>(List.of("bash", "-c", CONNECTED, "bash"));
      command.add(Integer.toString(server.getLocalPort()));
      command.addAll(
          ChildJvm.command(
              InheritedProgram.class,
              "-Djava.nio.channels.spi.SelectorProvider=" + RingSelectorProvider.class.getName(),
              "-Dnioring.mode=" + mode));
      Background<String> answer = Background.run(() -> ask(server));

      assertThat(ChildJvm.run(directory, command))
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
