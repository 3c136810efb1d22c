package io.nioring.consumer.sockets;

import io.nioring.consumer.FreePort;
import io.nioring.consumer.JGroupsCluster;
import io.nioring.consumer.Loopback;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jgroups.protocols.FD_SOCK2;
import org.jgroups.protocols.TCP;
import org.jgroups.util.Util;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** JGroups' members over its transport {@code TCP}, who watch one another by {@code FD_SOCK2}. */
class JGroupsTest {
  private static final int MEMBERS = 3;

  private final JGroupsCluster cluster = new JGroupsCluster();
  private Wire wire;

  @BeforeEach
  void form() throws Exception {
    wire = Wire.watch();
    List<InetSocketAddress> addresses = new ArrayList<>();
    for (int i = 0; i < MEMBERS; i++) {
      addresses.add(new InetSocketAddress(Loopback.address(), FreePort.find()));
    }
    for (InetSocketAddress own : addresses) {
      cluster.joinOverTcp(new TCP(), own, addresses, new FD_SOCK2());
    }
    cluster.awaitMembers();
  }

  @AfterEach
  void end() throws InterruptedException {
    cluster.close();
    wire.close();
  }

  @Test
  void messagesReachAllAndOne() throws Exception {
    cluster.sendToAll(200);
    cluster.send(1, 2, Payload.ofSize(Payload.LARGE));
    wire.ringsCarried(2 * (MEMBERS - 1), Payload.LARGE);
  }

  /** One that ends without a word is missed by the end of its sockets. */
  @Test
  void othersNoticeWhoIsGone() throws Exception {
    Util.shutdown(cluster.removeLast());
    cluster.awaitMembers();
    wire.ringsCarried(2 * (MEMBERS - 1), 1_000);
  }
}
