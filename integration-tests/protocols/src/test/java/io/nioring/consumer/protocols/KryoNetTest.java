package io.nioring.consumer.protocols;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.esotericsoftware.kryonet.Client;
import com.esotericsoftware.kryonet.Connection;
import com.esotericsoftware.kryonet.FrameworkMessage;
import com.esotericsoftware.kryonet.Listener;
import com.esotericsoftware.kryonet.Server;
import io.nioring.consumer.FreePort;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * KryoNet, whose loop is that of many older programs: it attaches after it has registered, skips
 * its keys when a select returns 0, and selects from other threads when it closes.
 */
class KryoNetTest {
  private static final int CONNECTIONS = 50;
  private static final int BUFFER = 4_000_000;

  private final List<Client> clients = new ArrayList<>();
  private Wire wire;
  private Server server;
  private int port;

  @BeforeEach
  void start() throws IOException {
    wire = Wire.watch();
    server = new Server(BUFFER, BUFFER);
    server.getKryo().register(byte[].class);
    server.addListener(onMessage(Connection::sendTCP));
    server.start();
    port = FreePort.find();
    server.bind(port);
  }

  @AfterEach
  void stop() throws InterruptedException {
    clients.forEach(Client::stop);
    server.stop();
    wire.close();
  }

  @Test
  void smallMessages() throws Exception {
    BlockingQueue<Object> answers = new LinkedBlockingQueue<>();
    Client client = connect(BUFFER, answers);
    for (int i = 0; i < 300; i++) {
      client.sendTCP("no" + i);
      assertEquals("no" + i, next(answers));
    }
    wire.ringsCarried(1, 2 * 300 * 5);
  }

  @Test
  void largeMessages() throws Exception {
    BlockingQueue<Object> answers = new LinkedBlockingQueue<>();
    Client client = connect(BUFFER, answers);
    byte[] body = Payload.ofSize(1_000_000);
    for (int i = 0; i < 8; i++) {
      client.sendTCP(body);
      assertArrayEquals(body, (byte[]) next(answers));
    }
    wire.ringsCarried(1, 2L * 8 * body.length);
  }

  @Test
  void fiftyConnectionsAtOnce() throws Exception {
    BlockingQueue<Object> answers = new LinkedBlockingQueue<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      connect(100_000, answers);
    }
    byte[] body = Payload.ofSize(20_000);
    for (Client client : clients) {
      client.sendTCP(body);
    }
    for (int i = 0; i < CONNECTIONS; i++) {
      assertArrayEquals(body, (byte[]) next(answers));
    }
    assertEquals(CONNECTIONS, server.getConnections().length);
    wire.ringsCarried(CONNECTIONS, 2L * CONNECTIONS * body.length);
  }

  private Client connect(int buffer, BlockingQueue<Object> answers) throws IOException {
    Client client = new Client(buffer, buffer);
    clients.add(client);
    client.getKryo().register(byte[].class);
    client.addListener(onMessage((connection, message) -> answers.add(message)));
    client.start();
    client.connect(30_000, "127.0.0.1", port);
    return client;
  }

  private static Listener onMessage(BiConsumer<Connection, Object> action) {
    return new Listener() {
      @Override
      public void received(Connection connection, Object message) {
        if (!(message instanceof FrameworkMessage)) {
          action.accept(connection, message);
        }
      }
    };
  }

  private static Object next(BlockingQueue<Object> answers) throws InterruptedException {
    return answers.poll(60, TimeUnit.SECONDS);
  }
}
