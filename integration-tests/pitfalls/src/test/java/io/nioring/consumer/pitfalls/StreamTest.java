package io.nioring.consumer.pitfalls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nioring.consumer.Payload;
import io.nioring.consumer.TemporaryDirectory;
import io.nioring.consumer.Wire;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What libraries do with connections: how much goes at once, how they end, what fails how. */
class StreamTest {
  /** JGroups: half a megabyte in one gathering write, with nobody reading. */
  @ParameterizedTest
  @EnumSource
  void gatheringWriteGoesOnPastTheFirstBuffer(Family family) throws Exception {
    try (Connection connection = Connection.open(family)) {
      connection.client().configureBlocking(false);
      byte[] content = Payload.ofSize(128 * 1024);
      ByteBuffer[] parts = new ByteBuffer[16];
      for (int i = 0; i < parts.length; i++) {
        parts[i] = ByteBuffer.wrap(content, i * 8 * 1024, 8 * 1024);
      }
      assertEquals(content.length, connection.client().write(parts));
      ByteBuffer[] received = {ByteBuffer.allocate(7), ByteBuffer.allocate(content.length)};
      long count = 0;
      while (count < content.length) {
        count += connection.accepted().read(received);
      }
      assertArrayEquals(Arrays.copyOf(content, 7), received[0].array());
      assertEquals(content.length - 7, received[1].position());
    }
  }

  /** Old programs of one thread rely on the kernel's large buffers. */
  @Test
  void halfAMebibyteIsWrittenWithNobodyReading() throws Exception {
    try (Connection connection = Connection.open(Family.INET)) {
      ByteBuffer content = ByteBuffer.wrap(Payload.ofSize(512 * 1024));
      assertEquals(content.capacity(), connection.client().write(content));
    }
  }

  /** Kafka with TLS, HttpComponents, ZooKeeper, Hazelcast. */
  @ParameterizedTest
  @EnumSource
  void emptyBuffersReadAndWriteNothing(Family family) throws Exception {
    try (Connection connection = Connection.open(family)) {
      ByteBuffer empty = ByteBuffer.allocate(0);
      for (boolean blocking : new boolean[] {true, false}) {
        connection.client().configureBlocking(blocking);
        assertEquals(0, connection.client().read(empty));
        assertEquals(0, connection.client().write(empty));
        assertEquals(0, connection.client().write(new ByteBuffer[] {empty, empty}));
      }
      connection.accepted().write(ByteBuffer.wrap(new byte[] {1}));
      assertEquals(0, connection.client().read(empty));
    }
  }

  /** The JDK's HttpClient looks whether a pooled connection has ended. */
  @ParameterizedTest
  @EnumSource
  void endIsFoundByANonBlockingRead(Family family) throws Exception {
    try (Connection connection = Connection.open(family)) {
      connection.client().configureBlocking(false);
      ByteBuffer one = ByteBuffer.allocate(1);
      assertEquals(0, connection.client().read(one));
      connection.accepted().close();
      assertEquals(-1, connection.client().read(one));
    }
  }

  @ParameterizedTest
  @EnumSource
  void eitherHalfIsClosedByItself(Family family) throws Exception {
    try (Connection connection = Connection.open(family)) {
      connection.client().write(ByteBuffer.wrap(new byte[] {1, 2}));
      connection.client().shutdownOutput();
      ByteBuffer request = ByteBuffer.allocate(8);
      assertEquals(2, connection.accepted().read(request));
      assertEquals(-1, connection.accepted().read(request));
      connection.accepted().write(ByteBuffer.wrap(new byte[] {3}));
      connection.accepted().shutdownInput();
      connection.accepted().shutdownOutput();
      ByteBuffer answer = ByteBuffer.allocate(8);
      assertEquals(1, connection.client().read(answer));
      assertEquals(-1, connection.client().read(answer));
      assertTrue(connection.client().isOpen());
    }
  }

  @Test
  void channelIsBoundBeforeItConnects() throws Exception {
    try (ServerSocketChannel listener = ServerSocketChannel.open();
        SocketChannel client = SocketChannel.open()) {
      listener.bind(new InetSocketAddress("127.0.0.1", 0));
      client.bind(new InetSocketAddress("127.0.0.1", 0));
      InetSocketAddress bound = (InetSocketAddress) client.getLocalAddress();
      client.connect(listener.getLocalAddress());
      assertEquals(bound, client.getLocalAddress());
      try (SocketChannel accepted = listener.accept()) {
        assertEquals(bound, accepted.getRemoteAddress());
      }
    }
  }

  /** Netty, Tomcat, Undertow and Kafka send files so; over a ring they are copied. */
  @ParameterizedTest
  @EnumSource
  void fileIsTransferred(Family family) throws Exception {
    byte[] content = Payload.ofSize(300_000);
    Path source = Files.createTempFile("consumer", ".source");
    Path target = Files.createTempFile("consumer", ".target");
    Files.write(source, content);
    try (Connection connection = Connection.open(family);
        FileChannel from = FileChannel.open(source);
        FileChannel to = FileChannel.open(target, StandardOpenOption.WRITE)) {
      long sent = 0;
      long received = 0;
      connection.accepted().configureBlocking(false);
      while (received < content.length) {
        sent += from.transferTo(sent, Math.min(50_000, content.length - sent), connection.client());
        received += to.transferFrom(connection.accepted(), received, content.length - received);
      }
      assertArrayEquals(content, Files.readAllBytes(target));
    } finally {
      Files.delete(source);
      Files.delete(target);
    }
  }

  @Test
  void resetIsTold() throws Exception {
    try (Connection connection = Connection.open(Family.INET)) {
      connection.accepted().setOption(StandardSocketOptions.SO_LINGER, 0);
      connection.accepted().close();
      ByteBuffer buffer = ByteBuffer.allocate(8);
      SocketException reset =
          assertThrows(SocketException.class, () -> connection.client().read(buffer));
      assertEquals("Connection reset", reset.getMessage());
    }
  }

  @ParameterizedTest
  @EnumSource
  void brokenPipeIsTold(Family family) throws Exception {
    try (Connection connection = Connection.open(family)) {
      connection.accepted().close();
      ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
      IOException broken =
          assertThrows(
              IOException.class,
              () -> {
                for (int i = 0; i < 100; i++) {
                  connection.client().write(buffer.clear());
                }
              });
      assertTrue(
          "Broken pipe".equals(broken.getMessage())
              || "Connection reset by peer".equals(broken.getMessage()),
          broken.getMessage());
    }
  }

  @Test
  void refusedConnectIsTold() throws Exception {
    InetSocketAddress gone;
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress("127.0.0.1", 0));
      gone = (InetSocketAddress) listener.getLocalAddress();
    }
    ConnectException refused = assertThrows(ConnectException.class, () -> SocketChannel.open(gone));
    assertTrue(refused.getMessage().startsWith("Connection refused"), refused.getMessage());
    try (SocketChannel client = SocketChannel.open()) {
      assertThrows(ConnectException.class, () -> client.socket().connect(gone, 10_000));
    }
  }

  @Test
  void missingPathIsTold() throws Exception {
    Path nowhere = TemporaryDirectory.make().resolve("nobody");
    SocketException missing =
        assertThrows(
            SocketException.class, () -> SocketChannel.open(UnixDomainSocketAddress.of(nowhere)));
    assertEquals("No such file or directory", missing.getMessage());
  }

  /** What does not ask a provider cannot reach a ring; in mode hybrid it comes by the kernel. */
  @Test
  void plainSocketsGoByTheKernel() throws Exception {
    try (ServerSocketChannel listener = ServerSocketChannel.open();
        Socket socket = new Socket()) {
      listener.bind(new InetSocketAddress("127.0.0.1", 0));
      InetSocketAddress address = (InetSocketAddress) listener.getLocalAddress();
      if (Wire.isRing()) {
        assertThrows(ConnectException.class, () -> socket.connect(address, 10_000));
      } else {
        socket.connect(address, 10_000);
        try (SocketChannel accepted = listener.accept()) {
          accepted.write(ByteBuffer.wrap(new byte[] {1}));
          assertEquals(1, socket.getInputStream().read());
        }
      }
    }
  }
}
