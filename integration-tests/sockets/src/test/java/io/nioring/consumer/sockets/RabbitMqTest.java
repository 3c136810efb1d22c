package io.nioring.consumer.sockets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.nioring.consumer.Loopback;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** RabbitMQ's client, with its streams and with its selectors, at a small server. */
class RabbitMqTest {
  private static final int CONNECTIONS = 20;
  private static final int LARGE = 1_000_000;

  @Test
  void messagesByPlainSockets() throws Exception {
    messages(new ConnectionFactory());
  }

  @Test
  void messagesBySelector() throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.useNio();
    messages(factory);
  }

  /** Small messages on each connection and a large one on the last, all of them open at once. */
  private static void messages(ConnectionFactory factory) throws Exception {
    List<Connection> connections = new ArrayList<>();
    try (Wire wire = Wire.watch();
        FakeServer server = new FakeServer((in, out) -> new AmqpSession(in, out).speak())) {
      factory.setHost(Loopback.HOST);
      factory.setPort(server.port());
      factory.setAutomaticRecoveryEnabled(false);
      for (int i = 0; i < CONNECTIONS; i++) {
        connections.add(factory.newConnection());
      }
      for (Connection connection : connections) {
        exchange(connection.createChannel(), "no" + connections.indexOf(connection));
      }
      exchangeLarge(connections.get(CONNECTIONS - 1).createChannel());
      wire.ringsCarried(CONNECTIONS, 2L * LARGE);
      for (Connection connection : connections) {
        connection.close();
      }
    }
  }

  private static void exchange(Channel channel, String text) throws Exception {
    String queue = channel.queueDeclare().getQueue();
    BlockingQueue<byte[]> received = consume(channel, queue);
    for (int i = 0; i < 50; i++) {
      String message = text + " " + i;
      channel.basicPublish("", queue, null, message.getBytes(StandardCharsets.US_ASCII));
      assertEquals(message, new String(next(received), StandardCharsets.US_ASCII));
    }
  }

  private static void exchangeLarge(Channel channel) throws Exception {
    String queue = channel.queueDeclare().getQueue();
    BlockingQueue<byte[]> received = consume(channel, queue);
    byte[] body = Payload.ofSize(LARGE);
    channel.basicPublish("", queue, null, body);
    assertArrayEquals(body, next(received));
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
