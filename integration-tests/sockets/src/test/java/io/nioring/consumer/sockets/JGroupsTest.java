package io.nioring.consumer.sockets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nioring.consumer.FreePort;
import io.nioring.consumer.Loopback;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jgroups.BytesMessage;
import org.jgroups.JChannel;
import org.jgroups.Message;
import org.jgroups.Receiver;
import org.jgroups.View;
import org.jgroups.protocols.FD_SOCK2;
import org.jgroups.protocols.FRAG4;
import org.jgroups.protocols.MFC;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.TCPPING;
import org.jgroups.protocols.UFC;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.Protocol;
import org.jgroups.util.Util;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** JGroups' members over its transport {@code TCP}, who watch one another by {@code FD_SOCK2}. */
class JGroupsTest {
  private static final int MEMBERS = 3;
  private static final long DEADLINE_SECONDS = 60;

  private final List<JChannel> members = new ArrayList<>();
  private final List<Inbox> inboxes = new ArrayList<>();
  private Wire wire;

  @BeforeEach
  void form() throws Exception {
    wire = Wire.watch();
    List<InetSocketAddress> addresses = new ArrayList<>();
    for (int i = 0; i < MEMBERS; i++) {
      addresses.add(new InetSocketAddress(Loopback.address(), FreePort.find()));
    }
    for (InetSocketAddress own : addresses) {
      Inbox inbox = new Inbox();
      JChannel member = new JChannel(protocols(own, addresses));
      member.setReceiver(inbox);
      inboxes.add(inbox);
      members.add(member);
      member.connect("cluster");
    }
    awaitMembers(MEMBERS);
  }

  @AfterEach
  void end() throws InterruptedException {
    members.forEach(JChannel::close);
    wire.close();
  }

  @Test
  void messagesReachAllAndOne() throws Exception {
    for (int i = 0; i < 200; i++) {
      members.get(0).send(null, Payload.ofSize(i + 1));
    }
    for (Inbox inbox : inboxes) {
      for (int i = 0; i < 200; i++) {
        assertEquals(i + 1, inbox.next().length);
      }
    }
    byte[] large = Payload.ofSize(Payload.LARGE);
    members.get(1).send(new BytesMessage(members.get(2).getAddress(), large));
    assertEquals(Payload.checksum(large), Payload.checksum(inboxes.get(2).next()));
    wire.ringsCarried(2 * (MEMBERS - 1), Payload.LARGE);
  }

  /** One that ends without a word is missed by the end of its sockets. */
  @Test
  void othersNoticeWhoIsGone() throws Exception {
    Util.shutdown(members.remove(MEMBERS - 1));
    awaitMembers(MEMBERS - 1);
    wire.ringsCarried(2 * (MEMBERS - 1), 1_000);
  }

  private void awaitMembers(int count) throws InterruptedException {
    for (Inbox inbox : inboxes.subList(0, count)) {
      inbox.awaitMembers(count);
    }
  }

  private static List<Protocol> protocols(InetSocketAddress own, List<InetSocketAddress> known) {
    TCP transport = new TCP();
    transport.setBindAddress(own.getAddress());
    transport.setBindPort(own.getPort());
    transport.setPortRange(0);
    TCPPING discovery = new TCPPING();
    discovery.setInitialHosts(known);
    discovery.setPortRange(0);
    return List.of(
        transport,
        discovery,
        new FD_SOCK2(),
        new VERIFY_SUSPECT2(),
        new NAKACK2(),
        new UNICAST3(),
        new STABLE(),
        new GMS().setJoinTimeout(1_000),
        new UFC(),
        new MFC(),
        new FRAG4());
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
