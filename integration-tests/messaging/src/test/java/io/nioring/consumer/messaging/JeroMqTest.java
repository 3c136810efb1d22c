package io.nioring.consumer.messaging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nioring.consumer.FreePort;
import io.nioring.consumer.Payload;
import io.nioring.consumer.TemporaryDirectory;
import io.nioring.consumer.Wire;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** JeroMQ's sockets over TCP and at Unix paths; its threads wake each other through pipes. */
class JeroMqTest {
  private static final int DEADLINE_MILLIS = 60_000;

  /**
   * JeroMQ loses a handshake now and then, on the platform's sockets too, and begins another after
   * 30 s by default, which is half of the deadline.
   */
  private static final int HANDSHAKE_MILLIS = 3_000;

  private static final int CONNECTIONS = 50;
  private static final String ANY_PORT = "tcp://127.0.0.1:*";

  private ZContext context;
  private Wire wire;

  @BeforeEach
  void open() {
    wire = Wire.watch();
    context = new ZContext(2);
  }

  @AfterEach
  void close() throws Exception {
    context.close();
    wire.close();
  }

  @Test
  void smallRequestsAreAnswered() {
    ZMQ.Socket server = bind(SocketType.REP, ANY_PORT);
    ZMQ.Socket client = connect(SocketType.REQ, server.getLastEndpoint());
    for (int i = 0; i < 300; i++) {
      assertTrue(client.send("request" + i));
      String request = text(server);
      assertEquals("request" + i, request);
      assertTrue(server.send("answer to " + request));
      assertEquals("answer to request" + i, text(client));
    }
    carried(1, 2L * 300 * 8);
  }

  @Test
  void largeMessageGoesBothWays() {
    echoLarge(ANY_PORT);
  }

  @Test
  void largeMessageGoesBothWaysAtUnixPath() throws Exception {
    Path path = TemporaryDirectory.make().resolve("jeromq.socket");
    echoLarge("ipc://" + path);
  }

  private void echoLarge(String address) {
    ZMQ.Socket server = bind(SocketType.PAIR, address);
    ZMQ.Socket client = connect(SocketType.PAIR, server.getLastEndpoint());
    byte[] message = Payload.ofSize(Payload.LARGE);
    assertTrue(client.send(message));
    assertTrue(server.send(bytes(server)));
    byte[] echoed = bytes(client);
    assertEquals(message.length, echoed.length);
    assertEquals(Payload.checksum(message), Payload.checksum(echoed));
    carried(1, 2L * message.length);
  }

  @Test
  void messagesOfManyPartsKeepTheirOrder() {
    ZMQ.Socket sink = bind(SocketType.PULL, ANY_PORT);
    ZMQ.Socket source = connect(SocketType.PUSH, sink.getLastEndpoint());
    for (int i = 0; i < 500; i++) {
      assertTrue(source.sendMore("head" + i));
      assertTrue(source.send(Payload.ofSize(i)));
    }
    for (int i = 0; i < 500; i++) {
      assertEquals("head" + i, text(sink));
      assertTrue(sink.hasReceiveMore());
      assertArrayEquals(Payload.ofSize(i), bytes(sink));
    }
    carried(1, 500L * 250);
  }

  @Test
  void fiftyConnectionsAtOnce() {
    ZMQ.Socket server = bind(SocketType.ROUTER, ANY_PORT);
    byte[] message = Payload.ofSize(20_000);
    List<ZMQ.Socket> clients = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      ZMQ.Socket client = connect(SocketType.DEALER, server.getLastEndpoint());
      assertTrue(client.send(message));
      clients.add(client);
    }
    for (int i = 0; i < CONNECTIONS; i++) {
      byte[] sender = bytes(server);
      assertTrue(server.sendMore(sender));
      assertTrue(server.send(bytes(server)));
    }
    for (ZMQ.Socket client : clients) {
      assertArrayEquals(message, bytes(client));
    }
    carried(CONNECTIONS, 2L * CONNECTIONS * message.length);
  }

  @Test
  void messagesAreEncryptedByCurve() {
    ZMQ.Curve.KeyPair serverKeys = ZMQ.Curve.generateKeyPair();
    ZMQ.Curve.KeyPair clientKeys = ZMQ.Curve.generateKeyPair();
    ZMQ.Socket server = socket(SocketType.REP);
    server.setCurveServer(true);
    server.setCurveSecretKey(serverKeys.secretKey.getBytes(UTF_8));
    assertTrue(server.bind(ANY_PORT));
    ZMQ.Socket client = socket(SocketType.REQ);
    client.setCurveServerKey(serverKeys.publicKey.getBytes(UTF_8));
    client.setCurvePublicKey(clientKeys.publicKey.getBytes(UTF_8));
    client.setCurveSecretKey(clientKeys.secretKey.getBytes(UTF_8));
    assertTrue(client.connect(server.getLastEndpoint()));
    byte[] message = Payload.ofSize(100_000);
    assertTrue(client.send(message));
    assertTrue(server.send(bytes(server)));
    assertArrayEquals(message, bytes(client));
    carried(1, 2L * message.length);
  }

  @Test
  void clientFindsServerThatComesLater() throws Exception {
    String address = "tcp://127.0.0.1:" + FreePort.find();
    ZMQ.Socket client = connect(SocketType.REQ, address);
    assertTrue(client.send("early"));
    ZMQ.Socket server = bind(SocketType.REP, address);
    assertEquals("early", text(server));
    assertTrue(server.send("late"));
    assertEquals("late", text(client));
    carried(1, 8);
  }

  private ZMQ.Socket bind(SocketType type, String address) {
    ZMQ.Socket socket = socket(type);
    assertTrue(socket.bind(address));
    return socket;
  }

  private ZMQ.Socket connect(SocketType type, String address) {
    ZMQ.Socket socket = socket(type);
    assertTrue(socket.connect(address));
    return socket;
  }

  private ZMQ.Socket socket(SocketType type) {
    ZMQ.Socket socket = context.createSocket(type);
    socket.setReceiveTimeOut(DEADLINE_MILLIS);
    socket.setSendTimeOut(DEADLINE_MILLIS);
    socket.setReconnectIVL(20);
    socket.setHandshakeIvl(HANDSHAKE_MILLIS);
    return socket;
  }

  private static byte[] bytes(ZMQ.Socket socket) {
    byte[] message = socket.recv();
    assertNotNull(message, () -> "nothing came, error " + socket.errno());
    return message;
  }

  private static String text(ZMQ.Socket socket) {
    return new String(bytes(socket), UTF_8);
  }

  private void carried(long connections, long bytes) {
    try {
      wire.ringsCarried(connections, bytes);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
