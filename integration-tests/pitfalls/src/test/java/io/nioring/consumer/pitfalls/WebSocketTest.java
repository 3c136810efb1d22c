package io.nioring.consumer.pitfalls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.SocketFactory;
import org.java_websocket.WebSocket;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.handshake.ServerHandshake;
import org.java_websocket.server.WebSocketServer;
import org.junit.jupiter.api.Test;

/** Java-WebSocket: a server of selectors, and a client of an adaptor's blocking streams. */
class WebSocketTest {
  /**
   * How often the server pings. An answer that its worker queues just when its selector thread has
   * written all lies there until then, since that thread takes the interest in writing back: one
   * message of a hundred thousand, on the platform's channels too.
   */
  private static final int PING_SECONDS = 5;

  @Test
  void messagesGoBothWays() throws Exception {
    EchoServer server = new EchoServer();
    server.setConnectionLostTimeout(PING_SECONDS);
    server.start();
    assertTrue(server.started.await(60, TimeUnit.SECONDS));
    Client client = new Client(URI.create("ws://127.0.0.1:" + server.getPort()));
    client.setSocketFactory(new ChannelSockets());
    try (Wire wire = Wire.watch()) {
      assertTrue(client.connectBlocking(60, TimeUnit.SECONDS));
      for (int i = 0; i < 100; i++) {
        client.send(Payload.ofSize(i));
        assertEquals(i, client.received.poll(60, TimeUnit.SECONDS).remaining());
      }
      byte[] large = Payload.ofSize(Payload.LARGE);
      client.send(large);
      ByteBuffer echoed = client.received.poll(60, TimeUnit.SECONDS);
      byte[] content = new byte[echoed.remaining()];
      echoed.get(content);
      assertEquals(Payload.checksum(large), Payload.checksum(content));
      client.closeBlocking();
      wire.ringsCarried(1, 2L * large.length);
    } finally {
      server.stop(10_000);
    }
  }

  /** Sockets that are a channel's. */
  private static final class ChannelSockets extends SocketFactory {
    @Override
    public Socket createSocket() throws IOException {
      return SocketChannel.open().socket();
    }

    @Override
    public Socket createSocket(String host, int port) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
      throw new UnsupportedOperationException();
    }
  }

  /** Sends every message back. */
  private static final class EchoServer extends WebSocketServer {
    final CountDownLatch started = new CountDownLatch(1);

    EchoServer() {
      super(new InetSocketAddress("127.0.0.1", 0), 1);
    }

    @Override
    public void onStart() {
      started.countDown();
    }

    @Override
    public void onMessage(WebSocket connection, ByteBuffer message) {
      connection.send(message);
    }

    @Override
    public void onOpen(WebSocket connection, ClientHandshake handshake) {
      // the client speaks first
    }

    @Override
    public void onClose(WebSocket connection, int code, String reason, boolean remote) {
      // nothing to free
    }

    @Override
    public void onMessage(WebSocket connection, String message) {
      connection.send(message);
    }

    @Override
    public void onError(WebSocket connection, Exception failure) {
      failure.printStackTrace();
    }
  }

  /** Keeps what it receives. */
  private static final class Client extends WebSocketClient {
    final BlockingQueue<ByteBuffer> received = new ArrayBlockingQueue<>(10);

    Client(URI server) {
      super(server);
    }

    @Override
    public void onMessage(ByteBuffer message) {
      received.add(message);
    }

    @Override
    public void onOpen(ServerHandshake handshake) {
      // the test speaks first
    }

    @Override
    public void onMessage(String message) {
      throw new AssertionError("a text");
    }

    @Override
    public void onClose(int code, String reason, boolean remote) {
      // the test sees it
    }

    @Override
    public void onError(Exception failure) {
      failure.printStackTrace();
    }
  }
}
