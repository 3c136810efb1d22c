package io.nioring.consumer.jdk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nioring.consumer.Meeting;
import io.nioring.consumer.Payload;
import io.nioring.consumer.TemporaryDirectory;
import io.nioring.consumer.Wire;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Blocking channels, each end in a thread of its own. */
class BlockingChannelsTest {
  private static final int CONNECTIONS = 50;

  private ExecutorService threads;
  private Wire wire;

  /** What runs both ends. */
  ExecutorService threads() {
    return Executors.newCachedThreadPool();
  }

  @BeforeEach
  void start() {
    wire = Wire.watch();
    threads = threads();
  }

  @AfterEach
  void end() throws Exception {
    wire.close();
    threads.shutdownNow();
  }

  @ParameterizedTest
  @EnumSource(names = {"INET", "UNIX"})
  void largeBodyAndHalfClose(StandardProtocolFamily family) throws Exception {
    try (EchoServer server = EchoServer.start(family, freeAddress(family), threads);
        SocketChannel client = SocketChannel.open(server.address())) {
      byte[] body = Payload.ofSize(Payload.LARGE);
      Future<byte[]> echoed = threads.submit(() -> readToEnd(client, body.length));
      client.write(ByteBuffer.wrap(body));
      client.shutdownOutput();
      assertEquals(Payload.checksum(body), Payload.checksum(echoed.get(100, TimeUnit.SECONDS)));
      wire.ringsCarried(1, 2L * body.length);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"INET", "UNIX"})
  void fiftyConnectionsAtOnce(StandardProtocolFamily family) throws Exception {
    Meeting meeting = new Meeting(CONNECTIONS, wire::noKernelConnections);
    try (EchoServer server = EchoServer.start(family, freeAddress(family), threads)) {
      List<Future<Void>> clients = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        clients.add(threads.submit(() -> pingPong(server.address(), meeting)));
      }
      for (Future<Void> client : clients) {
        client.get(100, TimeUnit.SECONDS);
      }
      wire.ringsCarried(CONNECTIONS, CONNECTIONS * 2 * 8 * 100L);
    }
  }

  private static Void pingPong(SocketAddress server, Meeting meeting) throws Exception {
    try (SocketChannel client = SocketChannel.open(server)) {
      meeting.arrive().get(100, TimeUnit.SECONDS);
      ByteBuffer message = ByteBuffer.allocate(8);
      for (long i = 0; i < 100; i++) {
        client.write(message.putLong(0, i).clear());
        message.clear();
        while (message.hasRemaining()) {
          client.read(message);
        }
        assertEquals(i, message.getLong(0));
      }
    }
    return null;
  }

  private static byte[] readToEnd(SocketChannel client, int size) throws IOException {
    ByteBuffer received = ByteBuffer.allocate(size + 1);
    while (client.read(received) >= 0) {
      // goes on
    }
    byte[] bytes = new byte[received.position()];
    received.get(0, bytes);
    return bytes;
  }

  private static SocketAddress freeAddress(StandardProtocolFamily family) throws IOException {
    return family == StandardProtocolFamily.INET
        ? new InetSocketAddress("127.0.0.1", 0)
        : UnixDomainSocketAddress.of(TemporaryDirectory.make().resolve("echo"));
  }
}
