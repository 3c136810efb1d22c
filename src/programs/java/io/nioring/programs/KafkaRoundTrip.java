package io.nioring.programs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Time;

/** A Kafka broker, and a producer that waits for the acknowledgement of each record. */
final class KafkaRoundTrip implements Program.Session {
  private static final byte[] CONTENT = new byte[100];

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final KafkaRaftServer broker;
  private final KafkaProducer<byte[], byte[]> producer;

  private KafkaRoundTrip() throws IOException {
    Path directory = Files.createTempDirectory("kafka");
    int port = freePort();
    int controllerPort = freePort();
    Properties settings = new Properties();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", "1");
    settings.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
    settings.put("controller.listener.names", "CONTROLLER");
    settings.put(
        "listeners",
        "PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d".formatted(port, controllerPort));
    settings.put("inter.broker.listener.name", "PLAINTEXT");
    settings.put("log.dirs", directory.resolve("logs").toString());
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("log.cleaner.enable", "false");
    format(directory, settings);
    broker = new KafkaRaftServer(new KafkaConfig(settings), Time.SYSTEM);
    broker.startup();
    producer = new KafkaProducer<>(ofProducer(port));
  }

  static Program.Session open() throws IOException {
    return new KafkaRoundTrip();
  }

  private static Properties ofProducer(int port) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", "127.0.0.1:" + port);
    settings.put("acks", "all");
    settings.put("linger.ms", "0");
    settings.put("enable.metrics.push", "false");
    settings.put("key.serializer", ByteArraySerializer.class.getName());
    settings.put("value.serializer", ByteArraySerializer.class.getName());
    return settings;
  }

  private static int freePort() throws IOException {
    try (ServerSocketChannel probe = ServerSocketChannel.open()) {
      probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      return ((InetSocketAddress) probe.getLocalAddress()).getPort();
    }
  }

  private static void format(Path directory, Properties settings) throws IOException {
    Path file = directory.resolve("server.properties");
    try (OutputStream out = Files.newOutputStream(file)) {
      settings.store(out, null);
    }
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    String[] command = {
      "format", "--config", file.toString(), "--cluster-id", Uuid.randomUuid().toString()
    };
    int result =
        StorageTool.execute(command, new PrintStream(output, true, StandardCharsets.UTF_8));
    if (result != 0) {
      throw new IOException(output.toString(StandardCharsets.UTF_8));
    }
  }

  @Override
  public void run(Budget budget) throws Exception {
    Callable<?> caller = () -> producer.send(new ProducerRecord<>("records", CONTENT)).get();
    Blocking.run(budget, threads, List.of(caller));
  }

  @Override
  public void close() {
    producer.close();
    broker.shutdown();
    broker.awaitShutdown();
    threads.shutdown();
  }
}
