package io.nioring.consumer.clusters;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nioring.consumer.FreePort;
import io.nioring.consumer.JGroupsCluster;
import io.nioring.consumer.Loopback;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jgroups.Address;
import org.jgroups.blocks.cs.NioClient;
import org.jgroups.blocks.cs.NioServer;
import org.jgroups.blocks.cs.ReceiverAdapter;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.TCP_NIO2;
import org.jgroups.stack.IpAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** JGroups' members over its transport {@code TCP_NIO2}, and the client and server beneath it. */
class JGroupsTest {
  private static final int MEMBERS = 4;
  private static final int CONNECTIONS = 50;
  private static final long DEADLINE_SECONDS = 60;

  private final JGroupsCluster cluster = new JGroupsCluster();
  private Wire wire;

  @BeforeEach
  void watch() {
    wire = Wire.watch();
  }

  @AfterEach
  void end() throws InterruptedException {
    cluster.close();
    wire.close();
  }

  @Test
  void membersFindOneAnotherAndNoticeWhoLeaves() throws Exception {
    form();
    cluster.removeLast().close();
    cluster.awaitMembers();
    wire.ringsCarried(MEMBERS - 1, 1_000);
  }

  @Test
  void messagesToAllKeepTheirOrder() throws Exception {
    form();
    cluster.sendToAll(500);
    wire.ringsCarried(MEMBERS - 1, (MEMBERS - 1) * 500L * 250);
  }

  @Test
  void largeMessageGoesBothWays() throws Exception {
    form();
    byte[] body = Payload.ofSize(Payload.LARGE);
    byte[] there = cluster.send(0, 1, body);
    cluster.send(1, 0, there);
    wire.ringsCarried(1, 2L * body.length);
  }

  @Test
  void fiftyClientsOfAServerAtOnce() throws Exception {
    InetAddress loopback = Loopback.address();
    CountDownLatch answers = new CountDownLatch(CONNECTIONS);
    List<NioClient> clients = new ArrayList<>();
    try (NioServer server = new NioServer(loopback, 0)) {
      server.receiver(
          new ReceiverAdapter() {
            @Override
            public void receive(Address sender, byte[] bytes, int offset, int length) {
              try {
                server.send(sender, bytes, offset, length);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            }
          });
      server.start();
      int port = ((IpAddress) server.localAddress()).getPort();
      byte[] message = Payload.ofSize(20_000);
      for (int i = 0; i < CONNECTIONS; i++) {
        NioClient client = new NioClient(loopback, 0, loopback, port);
        clients.add(client);
        client.receiver(
            new ReceiverAdapter() {
              @Override
              public void receive(Address sender, byte[] bytes, int offset, int length) {
                if (length == message.length) {
                  answers.countDown();
                }
              }
            });
        client.start();
        client.send(message, 0, message.length);
      }
      assertTrue(answers.await(DEADLINE_SECONDS, TimeUnit.SECONDS), "answers");
      wire.ringsCarried(CONNECTIONS, 2L * CONNECTIONS * message.length);
      for (NioClient client : clients) {
        client.close();
      }
    }
  }

  private void form() throws Exception {
    List<InetSocketAddress> known = new ArrayList<>(); // no later ones: these are not there yet
    for (int i = 0; i < MEMBERS; i++) {
      InetSocketAddress own = new InetSocketAddress(Loopback.address(), FreePort.find());
      known.add(own);
      cluster.joinOverTcp(new TCP_NIO2(), own, known, new MERGE3(), new FD_ALL3());
    }
    cluster.awaitMembers();
  }
}
