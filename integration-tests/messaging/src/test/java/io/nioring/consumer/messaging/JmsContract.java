package io.nioring.consumer.messaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a message broker and its clients do over rings, told in terms of JMS. */
abstract class JmsContract {
  private static final int DEADLINE_MILLIS = 60_000;
  private static final int CONNECTIONS = 50;

  private final List<Connection> connections = new ArrayList<>();
  private Wire wire;

  /** How clients reach the broker. */
  abstract ConnectionFactory plain() throws Exception;

  @BeforeEach
  final void watch() {
    wire = Wire.watch();
  }

  @AfterEach
  final void end() throws Exception {
    for (Connection connection : connections) {
      connection.close();
    }
    wire.close();
  }

  @Test
  final void smallMessagesKeepTheirOrder() throws Exception {
    Session sender = connect(plain());
    Session receiver = connect(plain());
    MessageProducer producer = producer(sender, "small");
    for (int i = 0; i < 500; i++) {
      producer.send(sender.createTextMessage("no" + i));
    }
    MessageConsumer consumer = receiver.createConsumer(receiver.createQueue("small"));
    for (int i = 0; i < 500; i++) {
      TextMessage message = assertInstanceOf(TextMessage.class, receive(consumer));
      assertEquals("no" + i, message.getText());
    }
    wire.ringsCarried(2, 2L * 500 * 4);
  }

  @Test
  final void largeMessageGoesBothWays() throws Exception {
    echoLarge(plain(), "large");
  }

  /** Sends a large message to a queue and receives it, on one connection. */
  final void echoLarge(ConnectionFactory factory, String queue) throws Exception {
    Session session = connect(factory);
    byte[] body = Payload.ofSize(Payload.LARGE);
    BytesMessage message = session.createBytesMessage();
    message.writeBytes(body);
    producer(session, queue).send(message);
    MessageConsumer consumer = session.createConsumer(session.createQueue(queue));
    BytesMessage received = assertInstanceOf(BytesMessage.class, receive(consumer));
    byte[] echoed = new byte[(int) received.getBodyLength()];
    assertEquals(body.length, received.readBytes(echoed));
    assertEquals(Payload.checksum(body), Payload.checksum(echoed));
    wire.ringsCarried(1, 2L * body.length);
  }

  @Test
  final void fiftyConnectionsAtOnce() throws Exception {
    ConnectionFactory factory = plain();
    List<MessageConsumer> consumers = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      Session session = connect(factory);
      consumers.add(session.createConsumer(session.createTopic("all")));
    }
    Session sender = connect(factory);
    MessageProducer producer = sender.createProducer(sender.createTopic("all"));
    producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
    producer.send(sender.createTextMessage("x".repeat(10_000)));
    for (MessageConsumer consumer : consumers) {
      TextMessage message = assertInstanceOf(TextMessage.class, receive(consumer));
      assertEquals(10_000, message.getText().length());
    }
    wire.ringsCarried(CONNECTIONS, CONNECTIONS * 10_000L);
  }

  private Session connect(ConnectionFactory factory) throws JMSException {
    Connection connection = factory.createConnection();
    connections.add(connection);
    connection.start();
    return connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
  }

  private static MessageProducer producer(Session session, String queue) throws JMSException {
    MessageProducer producer = session.createProducer(session.createQueue(queue));
    producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
    return producer;
  }

  private static Message receive(MessageConsumer consumer) throws JMSException {
    Message message = consumer.receive(DEADLINE_MILLIS);
    assertNotNull(message, "no message came");
    return message;
  }
}
