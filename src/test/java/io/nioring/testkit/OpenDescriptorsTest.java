package io.nioring.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class OpenDescriptorsTest {
  @Test
  void tellsWhatASocketIs() throws Exception {
    new ServerSocket(0, 1, InetAddress.getLoopbackAddress()).close(); // the JDK opens its own once
    OpenDescriptors before = OpenDescriptors.now();
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(OpenDescriptors.now().moreThan(before))
          .singleElement()
          .asString()
          .contains("tcp")
          .contains(String.format(":%04X", server.getLocalPort()));
    }
  }

  /** It stays open for the rest of the JVM's life, whichever test runs meanwhile. */
  @Test
  void theSocketsOfTheAttachListenerAreNotCounted() throws Exception {
    OpenDescriptors before = OpenDescriptors.now();
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    String self = Long.toString(ProcessHandle.current().pid());
    Process attaching = new ProcessBuilder(jcmd.toString(), self, "VM.version").start();
    attaching.getInputStream().readAllBytes();
    assertThat(attaching.waitFor(10, TimeUnit.SECONDS)).isTrue();
    attaching.destroyForcibly();
    assertThat(OpenDescriptors.now().moreThan(before)).noneMatch(each -> each.contains("java_pid"));
  }
}
