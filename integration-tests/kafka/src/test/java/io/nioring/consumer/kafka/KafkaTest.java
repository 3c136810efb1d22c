package io.nioring.consumer.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Kafka broker, with producers and consumers. */
class KafkaTest {
  private static Broker broker;

  private Wire wire;

  @BeforeAll
  static void start() throws Exception {
    broker = Broker.start();
  }

  @AfterAll
  static void stop() {
    broker.stop();
  }

  @BeforeEach
  void watch() {
    wire = Wire.watch();
  }

  @AfterEach
  void endWatch() throws Exception {
    wire.close();
  }

  @Test
  void messagesArePublishedAndConsumed() throws Exception {
    Properties settings = settings(broker.plainAddress());
    sendAndReceive("plain", settings, 2_000, 100);
    wire.ringsCarried(2, 2L * 2_000 * 100);
  }

  @Test
  void largeMessageIsPublishedAndConsumed() throws Exception {
    Properties settings = settings(broker.plainAddress());
    sendAndReceive("large", settings, 1, Payload.LARGE);
    wire.ringsCarried(2, 2L * Payload.LARGE);
  }

  @Test
  void messagesArePublishedAndConsumedOverTls() throws Exception {
    sendAndReceive("secure", secureSettings(), 100, 1_000);
    wire.ringsCarried(2, 2L * 100 * 1_000);
  }

  @Test
  void largeMessageIsPublishedAndConsumedOverTls() throws Exception {
    sendAndReceive("large-secure", secureSettings(), 1, Payload.LARGE);
    wire.ringsCarried(2, 2L * Payload.LARGE);
  }

  private static void sendAndReceive(String topic, Properties settings, int messages, int size)
      throws Exception {
    byte[] content = Payload.ofSize(size);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (int i = 0; i < messages; i++) {
        sent.add(producer.send(new ProducerRecord<>(topic, content)));
      }
      for (Future<RecordMetadata> one : sent) {
        one.get(60, TimeUnit.SECONDS);
      }
    }
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(topic));
      int received = 0;
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (received < messages && System.nanoTime() < deadline) {
        for (ConsumerRecord<byte[], byte[]> message : consumer.poll(Duration.ofSeconds(5))) {
          assertEquals(Payload.checksum(content), Payload.checksum(message.value()));
          received++;
        }
      }
      assertEquals(messages, received);
    }
  }

  private static Properties secureSettings() {
    Properties settings = settings(broker.secureAddress());
    settings.put("security.protocol", "SSL");
    settings.putAll(Broker.tls());
    return settings;
  }

  private static Properties settings(String address) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", address);
    settings.put("max.request.size", "10000000");
    settings.put("group.id", "consumers");
    settings.put("auto.offset.reset", "earliest");
    settings.put("enable.metrics.push", "false");
    return settings;
  }
}
