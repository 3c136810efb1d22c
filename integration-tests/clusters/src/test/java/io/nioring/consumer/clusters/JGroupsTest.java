package io.nioring.consumer.clusters;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nioring.consumer.FreePort;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.JChannel;
import org.jgroups.Message;
import org.jgroups.Receiver;
import org.jgroups.View;
import org.jgroups.blocks.cs.NioClient;
import org.jgroups.blocks.cs.NioServer;
import org.jgroups.blocks.cs.ReceiverAdapter;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FRAG4;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.MFC;
import org.jgroups.protocols.TCPPING;
import org.jgroups.protocols.TCP_NIO2;
import org.jgroups.protocols.UFC;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.IpAddress;
import org.jgroups.stack.Protocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** JGroups' members over its transport {@code TCP_NIO2}, and the client and server beneath it. */
class JGroupsTest {
  private static final int MEMBERS = 4;
  private static final int CONNECTIONS = 50;
  private static final long DEADLINE_SECONDS = 60;

  private final List<JChannel> members = new ArrayList<>();
  private final List<Inbox> inboxes = new ArrayList<>();
  private Wire wire;

  @BeforeEach
  void watch() {
    wire = Wire.watch();
  }

  @AfterEach
  void end() throws Exception {
    members.forEach(JChannel::close);
    wire.close();
  }

  @Test
  void membersFindOneAnotherAndNoticeWhoLeaves() throws Exception {
    form();
    members.remove(MEMBERS - 1).close();
    inboxes.get(0).awaitMembers(MEMBERS - 1);
    wire.ringsCarried(MEMBERS - 1, 1_000);
  }

  @Test
  void messagesToAllKeepTheirOrder() throws Exception {
    form();
    for (int i = 0; i < 500; i++) {
      members.get(0).send(null, Payload.ofSize(i + 1));
    }
    for (Inbox inbox : inboxes) {
      for (int i = 0; i < 500; i++) {
        assertEquals(i + 1, inbox.next().length);
      }
    }
    wire.ringsCarried(MEMBERS - 1, (MEMBERS - 1) * 500L * 250);
  }

  @Test
  void largeMessageGoesBothWays() throws Exception {
    form();
    byte[] body = Payload.ofSize(Payload.LARGE);
    send(0, 1, body);
    byte[] there = inboxes.get(1).next();
    assertEquals(Payload.checksum(body), Payload.checksum(there));
    send(1, 0, there);
    byte[] back = inboxes.get(0).next();
    assertEquals(Payload.checksum(body), Payload.checksum(back));
    wire.ringsCarried(1, 2L * body.length);
  }

  @Test
  void fiftyClientsOfAServerAtOnce() throws Exception {
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
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
      InetSocketAddress own = new InetSocketAddress("127.0.0.1", FreePort.find());
      known.add(own);
      Inbox inbox = new Inbox();
      JChannel member = new JChannel(protocols(own, known));
      member.setReceiver(inbox);
      inboxes.add(inbox);
      members.add(member);
      member.connect("cluster");
    }
    for (Inbox inbox : inboxes) {
      inbox.awaitMembers(MEMBERS);
    }
  }

  private static List<Protocol> protocols(InetSocketAddress own, List<InetSocketAddress> known) {
    TCP_NIO2 transport = new TCP_NIO2();
    transport.setBindAddress(own.getAddress());
    transport.setBindPort(own.getPort());
    transport.setPortRange(0);
    TCPPING discovery = new TCPPING();
    discovery.setInitialHosts(known);
    discovery.setPortRange(0);
    return List.of(
        transport,
        discovery,
        new MERGE3(),
        new FD_ALL3(),
        new VERIFY_SUSPECT2(),
        new NAKACK2(),
        new UNICAST3(),
        new STABLE(),
        new GMS().setJoinTimeout(1_000),
        new UFC(),
        new MFC(),
        new FRAG4());
  }

  private void send(int from, int to, byte[] body) throws Exception {
    Address destination = members.get(to).getAddress();
    members.get(from).send(new BytesMessage(destination, body));
  }

  /** What a member receives, and who it thinks is there. */
  private static final class Inbox implements Receiver {
    private final BlockingQueue<byte[]> messages = new LinkedBlockingQueue<>();
    private int size;

    @Override
    public void receive(Message message) {
      messages.add(
          Arrays.copyOfRange(
              message.getArray(), message.getOffset(), message.getOffset() + message.getLength()));
    }

    @Override
    public synchronized void viewAccepted(View view) {
      size = view.size();
      notifyAll();
    }

    byte[] next() throws InterruptedException {
      byte[] message = messages.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
      assertNotNull(message, "no message came");
      return message;
    }

    synchronized void awaitMembers(int wanted) throws InterruptedException {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
      while (size != wanted) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        assertTrue(left > 0, () -> size + " members");
        wait(left);
      }
    }
  }
}
