package io.nioring.consumer.protocols;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.nioring.consumer.FreePort;
import io.nioring.consumer.Loopback;
import io.nioring.consumer.Payload;
import io.nioring.consumer.PlainSockets;
import io.nioring.consumer.Wire;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.server.SystemLauncher;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Qpid Broker-J, which reads and writes by selectors, and RabbitMQ's client in all its ways. */
class AmqpTest {
  private static final int CONNECTIONS = 50;

  /** The broker's configuration; %d is the port, %s the address. */
  private static final String CONFIGURATION =
      """
      {
        "name": "broker",
        "modelVersion": "9.0",
        "authenticationproviders": [{
          "name": "plain", "type": "Plain", "secureOnlyMechanisms": [],
          "users": [{"name": "guest", "type": "managed", "password": "guest"}]
        }],
        "ports": [{
          "name": "amqp", "port": "%d", "bindingAddress": "%s",
          "authenticationProvider": "plain", "protocols": ["AMQP_0_9_1"],
          "virtualhostaliases": [{"name": "default", "type": "defaultAlias"}]
        }],
        "virtualhostnodes": [{
          "name": "node", "type": "Memory", "defaultVirtualHostNode": "true",
          "virtualHostInitialConfiguration": "{\\"type\\": \\"Memory\\"}"
        }]
      }
      """;

  private static SystemLauncher broker;
  private static int port;

  private Wire wire;

  @BeforeAll
  static void start(@TempDir Path work) throws Exception {
    port = FreePort.find();
    Path file =
        Files.writeString(
            work.resolve("broker.json"), CONFIGURATION.formatted(port, Loopback.HOST));
    broker = new SystemLauncher();
    broker.startup(
        Map.of(
            "type",
            "Memory",
            "initialConfigurationLocation",
            file.toUri().toString(),
            "startupLoggedToSystemOut",
            "false",
            "context",
            Map.of("qpid.work_dir", work.toString())));
  }

  @AfterAll
  static void stop() {
    broker.shutdown();
  }

  @BeforeEach
  void watch() {
    wire = Wire.watch();
  }

  @AfterEach
  void endWatch() throws InterruptedException {
    wire.close();
  }

  @Test
  void messagesBySelector() throws Exception {
    smallMessagesAndLargeOnes(bySelector());
    wire.ringsCarried(1, 2L * Payload.LARGE);
  }

  @Test
  void messagesByStreamsOfChannelSockets() throws Exception {
    ConnectionFactory factory = factory();
    factory.setSocketFactory(new ChannelSocketFactory());
    smallMessagesAndLargeOnes(factory);
    wire.ringsCarried(1, 2L * Payload.LARGE);
  }

  @Test
  void messagesByPlainSockets() throws Exception {
    PlainSockets.toRings();
    smallMessagesAndLargeOnes(factory());
    wire.ringsCarried(1, 2L * Payload.LARGE);
  }

  @Test
  void fiftyConnectionsAtOnce() throws Exception {
    ConnectionFactory factory = bySelector();
    byte[] body = Payload.ofSize(20_000);
    List<Connection> connections = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      connections.add(factory.newConnection());
    }
    for (Connection connection : connections) {
      Channel channel = connection.createChannel();
      String queue = channel.queueDeclare().getQueue();
      BlockingQueue<byte[]> received = consume(channel, queue);
      channel.basicPublish("", queue, null, body);
      assertArrayEquals(body, next(received));
    }
    wire.ringsCarried(CONNECTIONS, 2L * CONNECTIONS * body.length);
    for (Connection connection : connections) {
      connection.close();
    }
  }

  private static ConnectionFactory factory() {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost(Loopback.HOST);
    factory.setPort(port);
    return factory;
  }

  private static ConnectionFactory bySelector() {
    ConnectionFactory factory = factory();
    factory.useNio();
    return factory;
  }

  private static void smallMessagesAndLargeOnes(ConnectionFactory factory) throws Exception {
    try (Connection connection = factory.newConnection();
        Channel channel = connection.createChannel()) {
      String queue = channel.queueDeclare().getQueue();
      BlockingQueue<byte[]> received = consume(channel, queue);
      for (int i = 0; i < 200; i++) {
        channel.basicPublish("", queue, null, ("no" + i).getBytes(StandardCharsets.US_ASCII));
        assertEquals("no" + i, new String(next(received), StandardCharsets.US_ASCII));
      }
      byte[] body = Payload.ofSize(Payload.LARGE);
      channel.basicPublish("", queue, null, body);
      assertArrayEquals(body, next(received));
    }
  }

  private static BlockingQueue<byte[]> consume(Channel channel, String queue) throws Exception {
    BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
    channel.basicConsume(
        queue, true, (tag, delivery) -> received.add(delivery.getBody()), tag -> {});
    return received;
  }

  private static byte[] next(BlockingQueue<byte[]> received) throws InterruptedException {
    return received.poll(60, TimeUnit.SECONDS);
  }
}
