package io.nioring.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingNetwork;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A network without a simulation loads no class of the package. */
@Timeout(180)
class FreeWhenOffTest {
  /** What the other JVM does. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) throws Exception {
      try (RingNetwork network = RingNetwork.open()) {
        ServerSocketChannel server = network.provider().openServerSocketChannel();
        server.bind(new InetSocketAddress("10.1.2.3", 80));
        SocketChannel client = network.provider().openSocketChannel();
        client.connect(server.getLocalAddress());
        SocketChannel accepted = server.accept();
        client.write(ByteBuffer.wrap(new byte[3]));
        System.out.println("read " + accepted.read(ByteBuffer.allocate(9)));
      }
    }
  }

  @Test
  void noClassOfTheSimulationIsLoaded() throws Exception {
    Process program =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-verbose:class",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Program.class.getName()))
            .redirectErrorStream(true)
            .start();
    String output = new String(program.getInputStream().readAllBytes(), UTF_8);
    assertThat(program.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(output).contains("read 3").contains("io.nioring.internal.stream.Direction");
    assertThat(output.lines().filter(line -> line.contains("io.nioring.simulation")))
        .allMatch(line -> line.contains(Program.class.getName()));
  }
}
