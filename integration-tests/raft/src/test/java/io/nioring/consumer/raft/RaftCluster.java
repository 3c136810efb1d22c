package io.nioring.consumer.raft;

import io.nioring.simulation.RingHost;
import io.nioring.simulation.Simulation;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.client.RaftClientConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.netty.NettyConfigKeys;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.retry.RetryPolicies;
import org.apache.ratis.rpc.SupportedRpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.TimeDuration;

/** Three servers of Ratis, each on a host of its own. They know nothing of hosts. */
final class RaftCluster implements AutoCloseable {
  private static final int SIZE = 3;
  private static final int PORT = 6000;

  private final List<RingHost> hosts = new ArrayList<>();
  private final List<RaftPeer> peers = new ArrayList<>();
  private final List<RegisterStateMachine> registers = new ArrayList<>();
  private final List<RaftServer> servers = new ArrayList<>();
  private final Path directory;
  private final RaftGroup group;

  RaftCluster(Simulation sim, Path directory) throws Exception {
    this.directory = directory;
    for (int i = 0; i < SIZE; i++) {
      RingHost host = sim.host("n" + i);
      hosts.add(host);
      peers.add(
          RaftPeer.newBuilder()
              .setId(host.name())
              .setAddress(host.address().getHostAddress() + ":" + PORT)
              .build());
      registers.add(null);
      servers.add(null);
    }
    group = RaftGroup.valueOf(RaftGroupId.valueOf(new UUID(1, 1)), peers);
    for (int i = 0; i < SIZE; i++) {
      start(i);
    }
  }

  List<RingHost> hosts() {
    return hosts;
  }

  private static TimeDuration millis(long count) {
    return TimeDuration.valueOf(count, TimeUnit.MILLISECONDS);
  }

  private static RaftProperties properties() {
    RaftProperties properties = new RaftProperties();
    RaftConfigKeys.Rpc.setType(properties, SupportedRpcType.NETTY);
    NettyConfigKeys.Server.setUseEpoll(properties, false);
    NettyConfigKeys.Client.setUseEpoll(properties, false);
    RaftClientConfigKeys.Rpc.setRequestTimeout(properties, millis(300));
    return properties;
  }

  private void start(int i) throws Exception {
    RaftProperties properties = properties();
    File storage = directory.resolve(peers.get(i).getId().toString()).toFile();
    RaftServerConfigKeys.setStorageDir(properties, List.of(storage));
    RaftServerConfigKeys.Read.setOption(properties, RaftServerConfigKeys.Read.Option.LINEARIZABLE);
    RaftServerConfigKeys.Rpc.setTimeoutMin(properties, millis(150));
    RaftServerConfigKeys.Rpc.setTimeoutMax(properties, millis(300));
    NettyConfigKeys.Server.setPort(properties, PORT);
    RegisterStateMachine register = new RegisterStateMachine();
    registers.set(i, register);
    servers.set(
        i,
        hosts
            .get(i)
            .call(
                () -> {
                  RaftServer server =
                      RaftServer.newBuilder()
                          .setServerId(peers.get(i).getId())
                          .setGroup(group)
                          .setProperties(properties)
                          .setStateMachine(register)
                          .setOption(RaftStorage.StartupOption.RECOVER)
                          .build();
                  server.start();
                  return server;
                }));
  }

  /** Switches a host off. */
  void crash(int i) throws IOException {
    hosts.get(i).crash();
    servers.get(i).close();
  }

  /** Switches it on, with what its disk has. */
  void restart(int i) throws Exception {
    hosts.get(i).restart();
    start(i);
  }

  /** A client, which belongs to the host of the thread that sends by it. */
  RaftClient client() {
    return RaftClient.newBuilder()
        .setProperties(properties())
        .setRaftGroup(group)
        .setRetryPolicy(RetryPolicies.retryUpToMaximumCountWithFixedSleep(10, millis(50)))
        .build();
  }

  /** Whether all servers have applied the same commands, and hold the same value. */
  boolean agree() {
    long value = registers.get(0).value();
    long applied = registers.get(0).getLastAppliedTermIndex().getIndex();
    return registers.stream()
        .allMatch(
            each -> each.value() == value && each.getLastAppliedTermIndex().getIndex() == applied);
  }

  /** How far the server has come that has come least far. */
  long appliedByTheLast() {
    return registers.stream()
        .mapToLong(each -> each.getLastAppliedTermIndex().getIndex())
        .min()
        .orElseThrow();
  }

  /**
   * Whether the leader counts entries of a follower's as replicated that are none of its own: it
   * takes the end of the follower's log, which a heartbeat's answer tells, for what they have in
   * common. It never sends what is missing then (RATIS-2605).
   */
  boolean isAFollowerMistaken() throws IOException {
    for (RaftServer each : servers) {
      RaftServer.Division leader = each.getDivision(group.getGroupId());
      long[] matched = leader.getInfo().getFollowerMatchIndices();
      if (matched != null && isMistaken(leader, matched)) {
        return true;
      }
    }
    return false;
  }

  private boolean isMistaken(RaftServer.Division leader, long[] matched) throws IOException {
    var followers = leader.getInfo().getRoleInfoProto().getLeaderInfo().getFollowerInfoList();
    for (int k = 0; k < Math.min(matched.length, followers.size()); k++) {
      RaftPeerId id = RaftPeerId.valueOf(followers.get(k).getId().getId());
      RaftServer.Division follower = servers.get(indexOf(id)).getDivision(group.getGroupId());
      TermIndex own = leader.getRaftLog().getTermIndex(matched[k]);
      TermIndex others = follower.getRaftLog().getTermIndex(matched[k]);
      if (own != null && others != null && !own.equals(others)) {
        return true;
      }
    }
    return false;
  }

  private int indexOf(RaftPeerId id) {
    return peers.stream().map(RaftPeer::getId).toList().indexOf(id);
  }

  /** What each server takes itself for, what its log has, and what it has applied. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("servers:");
    for (int i = 0; i < SIZE; i++) {
      text.append("\n  ").append(peers.get(i).getId()).append(": ");
      try {
        RaftServer.Division division = servers.get(i).getDivision(group.getGroupId());
        text.append(division.getInfo().getRoleInfoProto());
        text.append("log up to ").append(division.getRaftLog().getLastEntryTermIndex());
        text.append(", committed ").append(division.getRaftLog().getLastCommittedIndex());
        text.append(", of followers matched ");
        text.append(Arrays.toString(division.getInfo().getFollowerMatchIndices()));
        text.append(", next ");
        text.append(Arrays.toString(division.getInfo().getFollowerNextIndices()));
        text.append(", applied ");
      } catch (IOException e) {
        text.append(e);
      }
      text.append(registers.get(i).getLastAppliedTermIndex());
      text.append(" holds ").append(registers.get(i).value());
    }
    return text.toString();
  }

  @Override
  public void close() throws IOException {
    for (RaftServer each : servers) {
      each.close();
    }
  }
}
