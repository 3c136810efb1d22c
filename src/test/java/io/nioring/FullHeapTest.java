package io.nioring;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.platform.ChildJvm;
import io.nioring.route.Mode;
import io.nioring.testkit.FullHeap;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What connections do in a JVM whose heap is full to the last byte. */
class FullHeapTest {
  @TempDir private Path directory;

  /** What closes an end there for the first time in the program must need no memory either. */
  @ParameterizedTest
  @EnumSource(names = {"RING", "HYBRID"})
  void aClientThatCouldNotBeAcceptedIsTold(Mode mode) throws Exception {
    List<String> lines =
        ChildJvm.command(Accepts.class)
            .flags("-Xms16m", "-Xmx16m", "-XX:+UseSerialGC")
            .arguments(mode.name())
            .run(directory, 150);
    assertThat(lines).contains("nobody waits");
  }

  /** Accepts with a full heap, and looks whether each client was accepted or told. */
  static final class Accepts {
    private static final int WAIT_MILLIS = 5_000;

    private Accepts() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws Exception {
      RingNetworkConfig config = RingNetworkConfig.builder().mode(Mode.valueOf(args[0])).build();
      try (RingNetwork network = RingNetwork.open(config);
          ServerSocketChannel server = network.provider().openServerSocketChannel()) {
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        for (int i = 0; i < 3; i++) { // loads what is needed when all goes well
          accept(network, server, false);
        }
        for (int i = 0; i < 3; i++) {
          accept(network, server, true);
        }
      }
      System.out.println("nobody waits");
    }

    private static void accept(RingNetwork network, ServerSocketChannel server, boolean full)
        throws IOException {
      try (SocketChannel client = network.provider().openSocketChannel()) {
        client.connect(server.getLocalAddress());
        client.socket().setSoTimeout(WAIT_MILLIS);
        SocketChannel accepted = full ? acceptWithoutHeap(server) : server.accept();
        if (accepted == null) { // it may wait still
          server.configureBlocking(false);
          accepted = server.accept();
          server.configureBlocking(true);
        }
        if (accepted != null) {
          accepted.close();
        }
        awaitEnd(client);
      }
    }

    private static SocketChannel acceptWithoutHeap(ServerSocketChannel server) throws IOException {
      FullHeap.fill();
      try {
        return server.accept();
      } catch (OutOfMemoryError e) {
        return null;
      } finally {
        FullHeap.free();
      }
    }

    private static void awaitEnd(SocketChannel client) throws IOException {
      try {
        assertThat(client.socket().getInputStream().read()).isEqualTo(-1);
      } catch (SocketTimeoutException e) {
        throw e;
      } catch (IOException e) {
        return; // a reset
      }
    }
  }
}
