package io.nioring.consumer.datagrams;

import io.nioring.consumer.FreePort;
import io.nioring.consumer.JGroupsCluster;
import io.nioring.consumer.Loopback;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.net.InetAddress;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.PING;
import org.jgroups.protocols.UDP;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * JGroups' members over its transport {@code UDP}, plain sockets that find one another by
 * multicast.
 */
class JGroupsTest {
  private static final int MEMBERS = 3;
  private static final String GROUP = Loopback.HOST.contains(":") ? "ff0e::7:7:7" : "239.7.7.7";

  private final JGroupsCluster cluster = new JGroupsCluster();
  private Wire wire;

  @BeforeEach
  void form() throws Exception {
    wire = Wire.watch();
    int port = FreePort.find();
    for (int i = 0; i < MEMBERS; i++) {
      join(port);
    }
    cluster.awaitMembers();
  }

  private void join(int port) throws Exception {
    UDP transport = new UDP();
    transport.setBindAddress(Loopback.address());
    transport.setMulticastAddress(InetAddress.getByName(GROUP));
    transport.setMulticastPort(port);
    cluster.join(transport, new PING(), new MERGE3(), new FD_ALL3());
  }

  @AfterEach
  void end() throws InterruptedException {
    cluster.close();
    wire.close();
  }

  @Test
  void messagesReachAllAndOne() throws Exception {
    cluster.sendToAll(200);
    cluster.send(1, 2, Payload.ofSize(1_000_000));
    wire.noKernelDatagrams();
    wire.noKernelConnections();
  }

  @Test
  void othersNoticeWhoLeaves() throws Exception {
    cluster.removeLast().close();
    cluster.awaitMembers();
    wire.noKernelDatagrams();
    wire.noKernelConnections();
  }
}
