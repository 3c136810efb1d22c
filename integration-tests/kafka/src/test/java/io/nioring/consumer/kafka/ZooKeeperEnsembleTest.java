package io.nioring.consumer.kafka;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nioring.consumer.FreePort;
import io.nioring.consumer.Loopback;
import io.nioring.consumer.Payload;
import io.nioring.consumer.PlainSockets;
import io.nioring.consumer.TemporaryDirectory;
import io.nioring.consumer.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.server.admin.AdminServer;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig;
import org.apache.zookeeper.server.quorum.QuorumPeerMain;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Three servers of ZooKeeper, which elect a leader and follow it over plain sockets, and clients on
 * channels.
 */
class ZooKeeperEnsembleTest {
  private static final int SERVERS = 3;
  private static final int SESSION_MILLIS = 30_000;

  private final List<Member> members = new ArrayList<>();
  private final List<Integer> clientPorts = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    PlainSockets.toRings();
    System.setProperty("zookeeper.admin.enableServer", "false");
    Properties ensemble = new Properties();
    ensemble.setProperty("tickTime", "500");
    ensemble.setProperty("initLimit", "20");
    ensemble.setProperty("syncLimit", "10");
    for (int i = 1; i <= SERVERS; i++) {
      clientPorts.add(FreePort.find());
      ensemble.setProperty(
          "server." + i,
          "%s:%d:%d:participant".formatted(Loopback.URL_HOST, FreePort.find(), FreePort.find()));
    }
    for (int i = 1; i <= SERVERS; i++) {
      Properties own = new Properties();
      own.putAll(ensemble);
      Path directory = TemporaryDirectory.make();
      Files.writeString(directory.resolve("myid"), Integer.toString(i));
      own.setProperty("dataDir", directory.toString());
      own.setProperty("clientPort", clientPorts.get(i - 1).toString());
      own.setProperty("clientPortAddress", Loopback.HOST);
      Member member = new Member(own);
      members.add(member);
      member.start();
    }
  }

  @AfterEach
  void stop() throws InterruptedException {
    for (Member member : members) {
      member.end();
    }
  }

  @Test
  void whatIsWrittenAtOneServerIsReadAtAnother() throws Exception {
    List<ZooKeeper> clients = new ArrayList<>();
    for (int port : clientPorts) {
      clients.add(connect(port));
    }
    // From here on: members try one another before they listen, and in hybrid mode in the kernel.
    try (Wire wire = Wire.watch()) {
      byte[] large = Payload.ofSize(900_000);
      clients.get(0).create("/large", large, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      for (int i = 1; i < SERVERS; i++) {
        ZooKeeper client = clients.get(i);
        CountDownLatch synced = new CountDownLatch(1);
        client.sync("/large", (code, path, context) -> synced.countDown(), null);
        assertTrue(synced.await(60, TimeUnit.SECONDS), "synced");
        assertArrayEquals(large, client.getData("/large", false, null));
      }
      wire.ringsCarried(0, 5L * large.length);
      for (ZooKeeper client : clients) {
        client.close();
      }
    }
  }

  private static ZooKeeper connect(int port) throws Exception {
    CountDownLatch connected = new CountDownLatch(1);
    ZooKeeper client =
        new ZooKeeper(
            Loopback.URL_HOST + ":" + port,
            SESSION_MILLIS,
            event -> {
              if (event.getState() == Watcher.Event.KeeperState.SyncConnected) {
                connected.countDown();
              }
            });
    assertTrue(connected.await(60, TimeUnit.SECONDS), "connected");
    return client;
  }

  /** One server. */
  private static final class Member extends QuorumPeerMain {
    private final QuorumPeerConfig config = new QuorumPeerConfig();
    private final Thread thread = new Thread(this::run, "zookeeper");

    Member(Properties properties) throws IOException, QuorumPeerConfig.ConfigException {
      config.parseProperties(properties);
    }

    void start() {
      thread.start();
    }

    private void run() {
      try {
        runFromConfig(config);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (AdminServer.AdminServerException e) {
        throw new IllegalStateException(e);
      }
    }

    void end() throws InterruptedException {
      quorumPeer.shutdown();
      thread.join(60_000);
      assertFalse(thread.isAlive());
    }
  }
}
