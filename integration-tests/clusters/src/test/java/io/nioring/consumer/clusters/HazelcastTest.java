package io.nioring.consumer.clusters;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.hazelcast.client.HazelcastClient;
import com.hazelcast.client.config.ClientConfig;
import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import com.hazelcast.topic.ITopic;
import io.nioring.consumer.FreePort;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two members of Hazelcast that join by TCP, and their clients. */
class HazelcastTest {
  private static final int CLIENTS = 10;

  private static HazelcastInstance first;
  private static HazelcastInstance second;
  private static List<String> addresses;

  private Wire wire;

  @BeforeAll
  static void form() throws Exception {
    int[] ports = {FreePort.find(), FreePort.find()};
    addresses = List.of("127.0.0.1:" + ports[0], "127.0.0.1:" + ports[1]);
    first = Hazelcast.newHazelcastInstance(config(ports[0]));
    second = Hazelcast.newHazelcastInstance(config(ports[1]));
    assertEquals(2, second.getCluster().getMembers().size());
  }

  private static Config config(int port) {
    Config config = new Config();
    config
        .setProperty("hazelcast.phone.home.enabled", "false")
        .setProperty("hazelcast.logging.type", "none")
        .setProperty("hazelcast.socket.bind.any", "false")
        .setProperty("hazelcast.partition.count", "31");
    NetworkConfig network = config.getNetworkConfig();
    network.setPort(port).setPortAutoIncrement(false);
    network.getInterfaces().setEnabled(true).addInterface("127.0.0.1");
    JoinConfig join = network.getJoin();
    join.getAutoDetectionConfig().setEnabled(false);
    join.getMulticastConfig().setEnabled(false);
    join.getTcpIpConfig().setEnabled(true).setMembers(addresses);
    return config;
  }

  @AfterAll
  static void end() {
    HazelcastClient.shutdownAll();
    Hazelcast.shutdownAll();
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
  void entriesAreSeenByBothMembers() throws Exception {
    IMap<Integer, byte[]> there = first.getMap("small");
    IMap<Integer, byte[]> here = second.getMap("small");
    for (int i = 0; i < 300; i++) {
      there.put(i, Payload.ofSize(100));
      assertEquals(100, here.get(i).length);
    }
    wire.ringsCarried(0, 300 * 100);
  }

  @Test
  void largeEntryGoesBothWays() throws Exception {
    byte[] body = Payload.ofSize(Payload.LARGE);
    first.getMap("large").put("body", body);
    second.<String, byte[]>getMap("large").computeIfPresent("body", (key, bytes) -> bytes.clone());
    byte[] echoed = (byte[]) first.getMap("large").get("body");
    assertEquals(Payload.checksum(body), Payload.checksum(echoed));
    wire.ringsCarried(0, 2L * body.length);
  }

  @Test
  void membersPublishToOneAnother() throws Exception {
    ITopic<Integer> here = first.getTopic("numbers");
    ITopic<Integer> there = second.getTopic("numbers");
    CountDownLatch received = new CountDownLatch(500);
    there.addMessageListener(message -> received.countDown());
    for (int i = 0; i < 500; i++) {
      here.publish(i);
    }
    assertTrue(received.await(60, SECONDS));
    wire.ringsCarried(0, 500 * 4);
  }

  @Test
  void clientsWorkAtOnce() throws Exception {
    List<HazelcastInstance> clients = new ArrayList<>();
    List<Future<?>> done = new ArrayList<>();
    byte[] body = Payload.ofSize(20_000);
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(HazelcastClient.newHazelcastClient(clientConfig()));
    }
    for (int i = 0; i < CLIENTS; i++) {
      IMap<Integer, byte[]> map = clients.get(i).getMap("clients");
      for (int k = 0; k < 50; k++) {
        done.add(map.putAsync(50 * i + k, body).toCompletableFuture());
      }
    }
    for (Future<?> one : done) {
      one.get(60, SECONDS);
    }
    assertEquals(50 * CLIENTS, first.getMap("clients").size());
    wire.ringsCarried(CLIENTS, 50L * CLIENTS * body.length);
    clients.forEach(HazelcastInstance::shutdown);
  }

  private static ClientConfig clientConfig() {
    ClientConfig config = new ClientConfig();
    config.setProperty("hazelcast.logging.type", "none");
    config.getNetworkConfig().setAddresses(addresses);
    return config;
  }
}
