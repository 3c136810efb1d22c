package io.nioring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuitSignalTest {
  @Test
  void maskBeginsWithSignalOne() {
    assertThat(QuitSignal.isCaught("0000000000000004")).isTrue();
    assertThat(QuitSignal.isCaught("ffffffffffffffff")).isTrue();
    assertThat(QuitSignal.isCaught("fffffffffffffffb")).isFalse();
    assertThat(QuitSignal.isCaught("0000000000000000")).isFalse();
  }

  @Test
  void aJvmCatchesIt() {
    assertThat(QuitSignal.wouldEnd(Long.toString(ProcessHandle.current().pid()))).isFalse();
    assertThat(QuitSignal.wouldEnd("999999999")).isFalse();
    assertThat(QuitSignal.wouldEnd("word")).isFalse();
  }

  /** The attach API of JDK 17 would end it; a JVM that had its number may have left its socket. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aProcessThatIsNoJvmOutlivesAVerb(boolean socketLeftByAnother) throws Exception {
    Process process = new ProcessBuilder("sleep", "60").start();
    Path socket = Path.of("/tmp/.java_pid" + process.pid());
    try {
      Files.deleteIfExists(socket);
      if (socketLeftByAnother) {
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            .bind(UnixDomainSocketAddress.of(socket))
            .close();
      }
      StringWriter errors = new StringWriter();
      int status =
          Main.run(
              new PrintWriter(new StringWriter()),
              new PrintWriter(errors, true),
              "ss",
              Long.toString(process.pid()));

      assertThat(status).isEqualTo(1);
      assertThat(errors.toString()).contains("process " + process.pid() + " is not a JVM");
      assertThat(process.waitFor(100, TimeUnit.MILLISECONDS)).isFalse();
    } finally {
      process.destroyForcibly();
      Files.deleteIfExists(socket);
    }
  }
}
