package io.nioring.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Faults of a whole JVM, from its properties, for a program that knows nothing of them. */
@Timeout(180)
@SuppressWarnings("AddressSelection") // literals, not names
class FaultyJvmTest {
  /** What the other JVM does. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) throws IOException {
      ServerSocketChannel server = ServerSocketChannel.open();
      server.bind(new InetSocketAddress("127.0.0.1", 0));
      for (int i = 0; i < 2; i++) {
        try (SocketChannel client = SocketChannel.open(server.getLocalAddress())) {
          SocketChannel accepted = server.accept();
          accepted.write(ByteBuffer.wrap(new byte[9]));
          System.out.println("read " + client.read(ByteBuffer.allocate(9)));
          System.out.println("read " + client.read(ByteBuffer.allocate(9)));
        } catch (IOException e) {
          System.out.println(e.getMessage());
        }
      }
    }
  }

  private static String run(String faults) throws Exception {
    Process program =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-Djava.nio.channels.spi.SelectorProvider=io.nioring.RingSelectorProvider",
                    "-Dnioring.faults=" + faults,
                    "-cp",
                    System.getProperty("java.class.path"),
                    Program.class.getName()))
            .redirectErrorStream(true)
            .start();
    String output = new String(program.getInputStream().readAllBytes(), UTF_8);
    assertThat(program.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return output;
  }

  @Test
  void itsConnectionsHaveThem() throws Exception {
    assertThat(run("tcp:*:*: resetAfterBytes 3, connection 2; tcp:*:*: refuse, connection 1"))
        .contains("Connection refused\nread 3\nConnection reset\n");
  }

  @Test
  void aMalformedOneEndsItWithTheReason() throws Exception {
    assertThat(run("tcp:*:*: explode")).contains("nioring.faults").contains("explode");
  }
}
