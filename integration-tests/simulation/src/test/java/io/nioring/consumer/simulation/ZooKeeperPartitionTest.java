package io.nioring.consumer.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.nioring.consumer.CurrentNetwork;
import io.nioring.consumer.Waiting;
import io.nioring.junit.RingNetworkExtension;
import io.nioring.simulation.Fault;
import io.nioring.simulation.Latency;
import io.nioring.simulation.RingHost;
import io.nioring.simulation.Simulation;
import io.nioring.simulation.SimulationConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Three servers of ZooKeeper on three hosts: election and replication by plain sockets, clients by
 * channels.
 */
@Timeout(180)
class ZooKeeperPartitionTest {
  @RegisterExtension
  static final RingNetworkExtension NETWORK =
      RingNetworkExtension.with(SimulationConfig.builder().build());

  private static final Duration MOST = ofSeconds(40);

  private final List<ZooKeeperMember> members = new ArrayList<>();
  private final List<Session> sessions = new ArrayList<>();

  /** A client on a host of its own, with one session. */
  private static final class Session {
    private final Set<KeeperState> states = ConcurrentHashMap.newKeySet();
    private final RingHost host;
    private final ZooKeeper client;

    Session(RingHost host, Duration timeout, List<ZooKeeperMember> servers) throws Exception {
      this.host = host;
      String addresses =
          servers.stream().map(ZooKeeperMember::address).collect(Collectors.joining(","));
      this.client =
          host.call(
              () ->
                  new ZooKeeper(
                      addresses, (int) timeout.toMillis(), event -> states.add(event.getState())));
      Waiting.until("connected", MOST, () -> states.contains(KeeperState.SyncConnected));
    }

    void create(String path, CreateMode mode) throws Exception {
      client.create(path, UTF_8.encode("").array(), ZooDefs.Ids.OPEN_ACL_UNSAFE, mode);
    }

    void write(String path, String value) throws Exception {
      client.setData(path, value.getBytes(UTF_8), -1);
    }

    /** Whether it could be written just now; a server without a leader drops its clients. */
    boolean tryWrite(String path, String value) throws Exception {
      try {
        write(path, value);
        return true;
      } catch (KeeperException.ConnectionLossException e) {
        return false;
      }
    }

    /** What a server has, once it has caught up with its leader. */
    String readLatest(String path) throws Exception {
      CountDownLatch synced = new CountDownLatch(1);
      client.sync(path, (code, asked, context) -> synced.countDown(), null);
      Waiting.until("synced", MOST, () -> synced.await(1, TimeUnit.SECONDS));
      return new String(client.getData(path, false, null), UTF_8);
    }
  }

  @BeforeEach
  void start(Simulation sim) throws Exception { // once: a JVM gives its sockets to one network
    CurrentNetwork.become(sim.network().provider());
    sim.network().installSockets();
    System.setProperty("zookeeper.admin.enableServer", "false");
    System.setProperty("zookeeper.sasl.client", "false"); // which looks up names of servers
    List<RingHost> hosts = List.of(sim.host("zk0"), sim.host("zk1"), sim.host("zk2"));
    for (RingHost a : hosts) {
      for (RingHost b : hosts) {
        if (a != b) {
          sim.link(a, b).latency(Latency.uniform(ofMillis(0), ofMillis(4)));
        }
      }
    }
    for (int i = 0; i < hosts.size(); i++) {
      members.add(new ZooKeeperMember(i, hosts));
    }
    members.forEach(ZooKeeperMember::start);
  }

  @AfterEach
  void stop() throws InterruptedException {
    for (Session each : sessions) {
      each.client.close((int) MOST.toMillis());
    }
    for (ZooKeeperMember each : members) {
      each.end();
    }
  }

  private Session open(RingHost host, Duration timeout, List<ZooKeeperMember> servers)
      throws Exception {
    Session session = new Session(host, timeout, servers);
    sessions.add(session);
    return session;
  }

  @Test
  void aLeaderWithoutItsFollowersCannotWriteAndAllAgreeOnceHealed(Simulation sim) throws Exception {
    Waiting.until("led", MOST, () -> members.stream().anyMatch(ZooKeeperMember::leads));
    ZooKeeperMember leader = members.stream().filter(ZooKeeperMember::leads).findAny().get();
    List<ZooKeeperMember> others = members.stream().filter(each -> each != leader).toList();
    Session beside = open(sim.host("beside"), ofSeconds(4), List.of(leader));
    Session far = open(sim.host("far"), ofSeconds(30), others);
    far.create("/value", CreateMode.PERSISTENT);
    far.create("/far", CreateMode.EPHEMERAL);
    beside.create("/beside", CreateMode.EPHEMERAL);
    long farId = far.client.getSessionId();

    List<Fault> cuts =
        others.stream().map(each -> sim.partition(leader.host(), each.host())).toList();
    assertThrows(
        KeeperException.ConnectionLossException.class,
        () -> beside.write("/value", "of the minority"));
    Waiting.until("written", MOST, () -> far.tryWrite("/value", "of the majority"));
    // The new leader does not hear of that session, whose client can reach the old one alone.
    Waiting.until("expired", MOST, () -> far.client.exists("/beside", false) == null);
    assertNotNull(far.client.exists("/far", false));

    cuts.forEach(Fault::close);
    Waiting.until("told", MOST, () -> beside.states.contains(KeeperState.Expired));
    for (ZooKeeperMember each : members) {
      Session session = open(sim.host("at " + each.host().name()), ofSeconds(30), List.of(each));
      assertEquals("of the majority", session.readLatest("/value"));
      assertNull(session.client.exists("/beside", false));
      assertNotNull(session.client.exists("/far", false));
    }
    assertEquals(farId, far.client.getSessionId());
    assertEquals(0, sim.network().statistics().kernelConnections());
  }
}
