package io.nioring.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.RingSelectorProvider;
import io.nioring.route.Mode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@link Wire} relies on: the kernel's sockets are seen, each as what it is. */
class KernelSocketsTest {
  private static final int LOOKS = 200;

  private final RingNetwork network =
      RingNetwork.open(RingNetworkConfig.builder().mode(Mode.KERNEL).build());
  private final RingSelectorProvider kernel = network.provider();
  private Path directory;

  @BeforeEach
  void makeDirectory() throws IOException {
    directory = TemporaryDirectory.make();
  }

  @AfterEach
  void close() {
    network.close();
  }

  @Test
  void aServerListensAndBothEndsOfAConnectionAreConnected() throws Exception {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("server"));
    try (ServerSocketChannel server = bound(address)) {
      assertEquals(1, own(KernelSockets.listening()));
      assertEquals(0, own(KernelSockets.connected()));
      try (SocketChannel client = kernel.openSocketChannel(StandardProtocolFamily.UNIX)) {
        client.connect(address);
        // The client has no name, and so only the end that was accepted is in the list.
        try (SocketChannel accepted = server.accept()) {
          assertEquals(1, own(KernelSockets.listening()));
          assertEquals(1, own(KernelSockets.connected()));
        }
      }
    }
    assertEquals(0, own(KernelSockets.listening()));
    assertEquals(0, own(KernelSockets.connected()));
  }

  @Test
  void aServerThatDoesNotListenYetIsNotConnected() throws Exception {
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try {
      Future<?> looks =
          threads.submit(
              () -> {
                for (int i = 0; i < LOOKS; i++) {
                  assertEquals(0, own(KernelSockets.connected()));
                }
              });
      for (int i = 0; !looks.isDone(); i++) {
        bound(UnixDomainSocketAddress.of(directory.resolve(Integer.toString(i)))).close();
      }
      looks.get();
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void aDatagramSocketIsSeenUntilItIsClosed() throws Exception {
    try (DatagramChannel channel = kernel.openDatagramChannel()) {
      channel.bind(new InetSocketAddress("127.0.0.1", 0));
      assertEquals(1, datagrams(channel.socket().getLocalPort()));
      int port = channel.socket().getLocalPort();
      channel.close();
      assertEquals(0, datagrams(port));
    }
  }

  private static long datagrams(int port) {
    String end = ":%04X ".formatted(port);
    return KernelSockets.datagrams().stream().filter(socket -> socket.contains(end)).count();
  }

  private ServerSocketChannel bound(UnixDomainSocketAddress address) throws IOException {
    return kernel.openServerSocketChannel(StandardProtocolFamily.UNIX).bind(address);
  }

  /** How many of these lines name a socket of this test. */
  private long own(List<String> sockets) {
    return sockets.stream().filter(socket -> socket.contains(directory.toString())).count();
  }
}
