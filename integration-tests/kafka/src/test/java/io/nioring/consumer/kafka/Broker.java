package io.nioring.consumer.kafka;

import io.nioring.consumer.Certificate;
import io.nioring.consumer.FreePort;
import io.nioring.consumer.Loopback;
import io.nioring.consumer.TemporaryDirectory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/** A Kafka broker that is its own controller, with a plain and a TLS listener. */
final class Broker {
  private final KafkaRaftServer server;
  private final int plainPort;
  private final int securePort;

  private Broker(KafkaRaftServer server, int plainPort, int securePort) {
    this.server = server;
    this.plainPort = plainPort;
    this.securePort = securePort;
  }

  static Broker start() throws IOException {
    Path directory = TemporaryDirectory.make();
    int plainPort = FreePort.find();
    int securePort = FreePort.find();
    int controllerPort = FreePort.find();
    Properties settings = new Properties();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", "1");
    settings.put("controller.quorum.voters", "1@" + Loopback.URL_HOST + ":" + controllerPort);
    settings.put("controller.listener.names", "CONTROLLER");
    settings.put(
        "listeners",
        "PLAINTEXT://%1$s:%2$d,SSL://%1$s:%3$d,CONTROLLER://%1$s:%4$d"
            .formatted(Loopback.URL_HOST, plainPort, securePort, controllerPort));
    settings.put(
        "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,SSL:SSL,CONTROLLER:PLAINTEXT");
    settings.put("inter.broker.listener.name", "PLAINTEXT");
    settings.put("log.dirs", directory.resolve("logs").toString());
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("offsets.topic.num.partitions", "1");
    settings.put("group.initial.rebalance.delay.ms", "0");
    settings.put("message.max.bytes", "10000000");
    settings.put("log.cleaner.enable", "false");
    settings.putAll(tls());
    format(directory, settings);
    KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(settings), Time.SYSTEM);
    server.startup();
    return new Broker(server, plainPort, securePort);
  }

  /** What both sides of a TLS connection are told. */
  static Properties tls() {
    Properties settings = new Properties();
    for (String store : new String[] {"ssl.keystore", "ssl.truststore"}) {
      settings.put(store + ".location", Certificate.get().file().toString());
      settings.put(store + ".password", Certificate.PASSWORD);
      settings.put(store + ".type", "PKCS12");
    }
    return settings;
  }

  String plainAddress() {
    return Loopback.URL_HOST + ":" + plainPort;
  }

  String secureAddress() {
    return Loopback.URL_HOST + ":" + securePort;
  }

  void stop() {
    server.shutdown();
    server.awaitShutdown();
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
    int result = StorageTool.execute(command, new PrintStream(output));
    if (result != 0) {
      throw new IOException(output.toString(StandardCharsets.UTF_8));
    }
  }
}
