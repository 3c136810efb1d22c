package io.nioring.consumer.simulation;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.nioring.consumer.TemporaryDirectory;
import io.nioring.simulation.RingHost;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.apache.zookeeper.server.admin.AdminServer;
import org.apache.zookeeper.server.quorum.QuorumPeer;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig;
import org.apache.zookeeper.server.quorum.QuorumPeerMain;

/** One unmodified server of an ensemble, which knows nothing of its host. */
final class ZooKeeperMember extends QuorumPeerMain {
  static final int CLIENT_PORT = 2181;

  private static final int TICK_MILLIS = 400;
  private static final int JOIN_MILLIS = 20_000;

  private final RingHost host;
  private final QuorumPeerConfig config = new QuorumPeerConfig();
  private Thread thread;

  /**
   * Makes one, which does not run yet.
   *
   * @param number its place among the hosts, from 0 on
   * @param hosts those of all members
   */
  ZooKeeperMember(int number, List<RingHost> hosts)
      throws IOException, QuorumPeerConfig.ConfigException {
    this.host = hosts.get(number);
    Path directory = TemporaryDirectory.make();
    Files.writeString(directory.resolve("myid"), Integer.toString(number));
    Properties properties = new Properties();
    properties.setProperty("tickTime", Integer.toString(TICK_MILLIS));
    properties.setProperty("initLimit", "25");
    properties.setProperty("syncLimit", "5"); // a leader without followers gives up after 2 s
    properties.setProperty("dataDir", directory.toString());
    properties.setProperty("clientPort", Integer.toString(CLIENT_PORT));
    properties.setProperty("maxSessionTimeout", "60000");
    properties.setProperty("admin.enableServer", "false");
    for (int i = 0; i < hosts.size(); i++) {
      properties.setProperty(
          "server." + i, hosts.get(i).address().getHostAddress() + ":2888:3888:participant");
    }
    config.parseProperties(properties);
  }

  RingHost host() {
    return host;
  }

  /** Where clients connect. */
  String address() {
    return host.address().getHostAddress() + ":" + CLIENT_PORT;
  }

  /**
   * Starts it: the thread that is begun in the host's name, and all threads of it, are the host's.
   */
  void start() {
    host.run(
        () -> {
          thread = new Thread(this::serve, "zookeeper at " + host.name());
          thread.start();
        });
  }

  private void serve() {
    try {
      runFromConfig(config);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (AdminServer.AdminServerException e) {
      throw new IllegalStateException(e);
    }
  }

  boolean leads() {
    return quorumPeer != null && quorumPeer.getPeerState() == QuorumPeer.ServerState.LEADING;
  }

  void end() throws InterruptedException {
    if (quorumPeer != null) {
      quorumPeer.shutdown();
    }
    thread.join(JOIN_MILLIS);
    assertFalse(thread.isAlive(), () -> host + " has not ended");
  }
}
