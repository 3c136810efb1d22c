package io.nioring.junit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.nioring.simulation.RingHost;
import io.nioring.simulation.Simulation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.OutputDirectoryCreator;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** What is captured of a test, and when the file is kept. */
@SuppressWarnings("try") // closed before its end
class CaptureAnnotationTest {
  private static final byte[] MAGIC = {0x0A, 0x0D, 0x0D, 0x0A};

  @TempDir Path directory;

  /** Gives all tests the same directory. */
  private record OneDirectory(Path path) implements OutputDirectoryCreator {
    @Override
    public Path getRootDirectory() {
      return path;
    }

    @Override
    public Path createOutputDirectory(TestDescriptor test) {
      return path;
    }
  }

  @ExtendWith(RingNetworkExtension.class)
  static class Tests {
    @Test
    @Capture
    void fails(Simulation sim) throws IOException {
      send(sim, 80);
      throw new IOException("as told");
    }

    @Test
    @Capture
    void leaks(Simulation sim, @Host("db") RingHost db) throws IOException {
      send(sim, 80);
      db.provider().openSocketChannel();
    }

    @Test
    @Capture
    void succeeds(Simulation sim) throws IOException {
      send(sim, 80);
    }

    @Test
    @Capture(onFailure = false, filter = "port 81")
    void isKept(Simulation sim) throws IOException {
      send(sim, 80);
      send(sim, 81);
    }

    @Test
    @Capture(filter = "nonsense")
    void isWrong(Simulation sim) {
      assertThat(sim).isNotNull();
    }

    private static void send(Simulation sim, int port) throws IOException {
      try (ServerSocketChannel server = sim.host("db").provider().openServerSocketChannel();
          SocketChannel client = sim.host("client").provider().openSocketChannel()) {
        server.bind(new InetSocketAddress(sim.host("db").address(), port));
        client.connect(server.getLocalAddress());
        client.write(ISO_8859_1.encode("to port " + port));
        server.accept().close();
      }
    }
  }

  private Events run(String method) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectMethod(Tests.class, method, parametersOf(method)))
        .outputDirectoryCreator(new OneDirectory(directory))
        .execute()
        .testEvents();
  }

  private static String parametersOf(String method) {
    String simulation = Simulation.class.getName();
    return method.equals("leaks") ? simulation + ", " + RingHost.class.getName() : simulation;
  }

  private String captured() throws IOException {
    byte[] file = Files.readAllBytes(directory.resolve("nioring-capture.pcapng"));
    assertThat(file).startsWith(MAGIC);
    return new String(file, ISO_8859_1);
  }

  private boolean isKept() {
    return Files.exists(directory.resolve("nioring-capture.pcapng"));
  }

  @Test
  void aFailedTestHasItsFile() throws IOException {
    run("fails").assertStatistics(stats -> stats.failed(1));
    assertThat(captured()).contains("to port 80");
  }

  @Test
  void aTestThatLeaksHasItsFile() throws IOException {
    run("leaks").assertStatistics(stats -> stats.failed(1));
    assertThat(captured()).contains("to port 80");
  }

  @Test
  void aTestThatSucceedsHasNoneUnlessItWantsOne() throws IOException {
    run("succeeds").assertStatistics(stats -> stats.succeeded(1));
    assertThat(isKept()).isFalse();
    run("isKept").assertStatistics(stats -> stats.succeeded(1));
    assertThat(captured()).contains("to port 81").doesNotContain("to port 80");
  }

  @Test
  void aFilterThatCannotBeReadIsTold() {
    run("isWrong")
        .failed()
        .assertThatEvents()
        .hasSize(1)
        .allMatch(event -> event.toString().contains("filter of @Capture is \"nonsense\""));
    assertThat(isKept()).isFalse();
  }
}
