package io.nioring.consumer.pitfalls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nioring.consumer.Wire;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The {@code socket()} of channels, through which most servers bind and set options. */
class AdaptorTest {
  private static final int DEADLINE_MILLIS = 30_000;

  private Wire wire;

  @BeforeEach
  void watch() {
    wire = Wire.watch();
  }

  @AfterEach
  void endWatch() throws Exception {
    wire.noKernelConnections();
    wire.close();
  }

  /** Netty, Kafka, ZooKeeper, Jetty, XNIO, HttpComponents and the JDK's server. */
  @Test
  void serversBindAndSetOptions() throws Exception {
    try (ServerSocketChannel channel = ServerSocketChannel.open()) {
      ServerSocket socket = channel.socket();
      assertEquals(-1, socket.getLocalPort());
      socket.setReuseAddress(true);
      assertTrue(socket.getReuseAddress());
      socket.setReceiveBufferSize(65_536);
      assertTrue(socket.getReceiveBufferSize() > 0);
      socket.bind(new InetSocketAddress("127.0.0.1", 0), 10);
      assertTrue(socket.isBound());
      assertTrue(socket.getLocalPort() > 0);
      assertEquals(channel.getLocalAddress(), socket.getLocalSocketAddress());
    }
  }

  @Test
  void connectionsSetOptions() throws Exception {
    try (Connection connection = Connection.open(Family.INET)) {
      for (Socket socket :
          new Socket[] {connection.client().socket(), connection.accepted().socket()}) {
        socket.setTcpNoDelay(true);
        assertTrue(socket.getTcpNoDelay());
        socket.setKeepAlive(true);
        assertTrue(socket.getKeepAlive());
        socket.setSoLinger(false, 0);
        assertEquals(-1, socket.getSoLinger());
        socket.setTrafficClass(8);
        socket.setReuseAddress(true);
        socket.setSendBufferSize(65_536);
        socket.setReceiveBufferSize(65_536);
        assertTrue(socket.getSendBufferSize() > 0);
        assertTrue(socket.getReceiveBufferSize() > 0);
        assertTrue(socket.isConnected());
        assertTrue(socket.getPort() > 0);
        assertTrue(socket.getInetAddress().isLoopbackAddress());
      }
    }
  }

  /** ActiveMQ, Hazelcast and Hadoop ask a socket for its channel. */
  @Test
  void socketsKnowTheirChannel() throws Exception {
    try (Connection connection = Connection.open(Family.INET)) {
      assertSame(connection.client(), connection.client().socket().getChannel());
      assertSame(connection.accepted(), connection.accepted().socket().getChannel());
      assertSame(connection.listener(), connection.listener().socket().getChannel());
    }
  }

  /** ActiveMQ and ZooKeeper's quorum: the accepted socket's channel. */
  @Test
  void socketAcceptedByTheAdaptorHasAChannel() throws Exception {
    try (ServerSocketChannel listener = ServerSocketChannel.open();
        SocketChannel client = SocketChannel.open()) {
      listener.socket().bind(new InetSocketAddress("127.0.0.1", 0));
      client.connect(listener.getLocalAddress());
      listener.socket().setSoTimeout(DEADLINE_MILLIS);
      try (Socket accepted = listener.socket().accept()) {
        assertSame(accepted, accepted.getChannel().socket());
      }
    }
  }

  @Test
  void connectTakesATimeout() throws Exception {
    try (ServerSocketChannel listener = ServerSocketChannel.open();
        SocketChannel client = SocketChannel.open()) {
      listener.bind(new InetSocketAddress("127.0.0.1", 0));
      client.socket().connect(listener.getLocalAddress(), DEADLINE_MILLIS);
      assertTrue(client.isConnected());
    }
  }

  @Test
  void readTimesOutAndGoesOn() throws Exception {
    try (Connection connection = Connection.open(Family.INET)) {
      Socket socket = connection.client().socket();
      socket.setSoTimeout(20);
      assertEquals(20, socket.getSoTimeout());
      InputStream in = socket.getInputStream();
      assertThrows(SocketTimeoutException.class, in::read);
      connection.accepted().write(ByteBuffer.wrap(new byte[] {7}));
      socket.setSoTimeout(DEADLINE_MILLIS);
      assertEquals(7, in.read());
    }
  }

  /** The JDK's HTTP server, and clients of plain streams. */
  @Test
  void streamsCarryBothWays() throws Exception {
    try (Connection connection = Connection.open(Family.INET)) {
      byte[] message = "through streams".getBytes(StandardCharsets.US_ASCII);
      connection.client().socket().getOutputStream().write(message);
      InputStream in = connection.accepted().socket().getInputStream();
      assertArrayEquals(message, in.readNBytes(message.length));
      connection.accepted().socket().getOutputStream().write(message);
      connection.accepted().socket().shutdownOutput();
      assertArrayEquals(message, connection.client().socket().getInputStream().readAllBytes());
    }
  }

  @Test
  void socketIsBoundBeforeItConnects() throws Exception {
    try (ServerSocketChannel listener = ServerSocketChannel.open();
        SocketChannel client = SocketChannel.open()) {
      listener.bind(new InetSocketAddress("127.0.0.1", 0));
      client.socket().bind(new InetSocketAddress("127.0.0.1", 0));
      int port = client.socket().getLocalPort();
      assertTrue(port > 0);
      client.connect(listener.getLocalAddress());
      try (SocketChannel accepted = listener.accept()) {
        assertEquals(port, ((InetSocketAddress) accepted.getRemoteAddress()).getPort());
      }
    }
  }
}
