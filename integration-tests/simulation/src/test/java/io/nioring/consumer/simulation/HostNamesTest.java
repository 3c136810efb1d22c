package io.nioring.consumer.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nioring.simulation.RingHost;
import io.nioring.simulation.Simulation;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A program that looks up the names of hosts, in a JVM that has a file of hosts in place of DNS.
 */
class HostNamesTest {
  private static final List<String> HOSTS =
      List.of("127.0.0.1 localhost", "10.0.0.1 client", "10.0.0.2 shop");

  /** What the other JVM does. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) throws Exception {
      try (Simulation sim = Simulation.open()) {
        sim.network().installSockets();
        RingHost client = sim.host("client");
        RingHost host = sim.host("shop");
        System.out.println(InetAddress.getByName("shop").equals(host.address()));
        try (Shop shop = new Shop(host)) {
          System.out.println(client.call(() -> ask("http://shop/orders")) + shop.orders().size());
        }
        System.out.println(client.call(Program::connectToNobody));
      }
    }

    private static String ask(String url) throws Exception {
      return new String(URI.create(url).toURL().openStream().readAllBytes(), UTF_8);
    }

    private static String connectToNobody() throws Exception {
      try (Socket socket = new Socket("nobody.example", 80)) {
        return socket.toString();
      } catch (UnknownHostException e) {
        return e.getMessage();
      }
    }
  }

  @Test
  void aNameIsThatHost(@TempDir Path directory) throws Exception {
    Path hosts = Files.write(directory.resolve("hosts"), HOSTS);
    Process program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Djdk.net.hosts.file=" + hosts,
                "-cp",
                System.getProperty("java.class.path"),
                Program.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String output = new String(program.getInputStream().readAllBytes(), UTF_8);
    assertEquals(List.of("true", "ok1", "nobody.example"), output.lines().toList());
    assertEquals(true, program.waitFor(60, TimeUnit.SECONDS));
  }
}
