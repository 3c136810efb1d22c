package io.nioring.consumer.kafka;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nioring.consumer.Loopback;
import io.nioring.consumer.Payload;
import io.nioring.consumer.TemporaryDirectory;
import io.nioring.consumer.Wire;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A ZooKeeper server and its clients, which register for OP_CONNECT before they connect. */
class ZooKeeperTest {
  private static final int SESSION_MILLIS = 30_000;
  private static final int CONNECTIONS = 50;

  private final NIOServerCnxnFactory connections = new NIOServerCnxnFactory();
  private final List<ZooKeeper> clients = new ArrayList<>();
  private Wire wire;

  @BeforeEach
  void start() throws Exception {
    wire = Wire.watch();
    Path data = TemporaryDirectory.make();
    connections.configure(new InetSocketAddress(Loopback.address(), 0), 2 * CONNECTIONS);
    connections.startup(new ZooKeeperServer(data.toFile(), data.toFile(), 2_000));
  }

  @AfterEach
  void stop() throws Exception {
    for (ZooKeeper client : clients) {
      client.close();
    }
    wire.close();
    connections.shutdown();
  }

  @Test
  void nodesAreWrittenAndRead() throws Exception {
    ZooKeeper client = connect();
    client.create("/node", new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    for (int i = 0; i < 200; i++) {
      byte[] small = {(byte) i};
      client.setData("/node", small, i);
      assertArrayEquals(small, client.getData("/node", false, null));
    }
    byte[] large = Payload.ofSize(900_000);
    client.setData("/node", large, -1);
    assertArrayEquals(large, client.getData("/node", false, null));
    assertThrows(
        KeeperException.NoNodeException.class, () -> client.getData("/other", false, null));
    wire.ringsCarried(1, 2L * large.length);
  }

  @Test
  void watchersAreTold() throws Exception {
    ZooKeeper writer = connect();
    ZooKeeper watcher = connect();
    SynchronousQueue<WatchedEvent> events = new SynchronousQueue<>();
    watcher.exists("/watched", event -> offer(events, event));
    writer.create("/watched", new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
    assertEquals(Watcher.Event.EventType.NodeCreated, events.poll(60, TimeUnit.SECONDS).getType());
    watcher.exists("/watched", event -> offer(events, event));
    writer.close();
    assertEquals(Watcher.Event.EventType.NodeDeleted, events.poll(60, TimeUnit.SECONDS).getType());
    wire.ringsCarried(2, 100);
  }

  @Test
  void fiftySessionsAtOnce() throws Exception {
    for (int i = 0; i < CONNECTIONS; i++) {
      connect();
    }
    CountDownLatch created = new CountDownLatch(CONNECTIONS);
    AtomicInteger failures = new AtomicInteger();
    for (int i = 0; i < CONNECTIONS; i++) {
      clients
          .get(i)
          .create(
              "/session" + i,
              Payload.ofSize(1_000),
              ZooDefs.Ids.OPEN_ACL_UNSAFE,
              CreateMode.EPHEMERAL,
              (code, path, context, name) -> {
                failures.addAndGet(code == KeeperException.Code.OK.intValue() ? 0 : 1);
                created.countDown();
              },
              null);
    }
    assertTrue(created.await(60, TimeUnit.SECONDS));
    assertEquals(0, failures.get());
    wire.ringsCarried(CONNECTIONS, CONNECTIONS * 1_000L);
  }

  private ZooKeeper connect() throws Exception {
    CountDownLatch connected = new CountDownLatch(1);
    ZooKeeper client =
        new ZooKeeper(
            Loopback.URL_HOST + ":" + connections.getLocalPort(),
            SESSION_MILLIS,
            event -> {
              if (event.getState() == Watcher.Event.KeeperState.SyncConnected) {
                connected.countDown();
              }
            });
    clients.add(client);
    assertTrue(connected.await(60, TimeUnit.SECONDS), "connected");
    return client;
  }

  private static void offer(SynchronousQueue<WatchedEvent> events, WatchedEvent event) {
    try {
      events.offer(event, 60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
