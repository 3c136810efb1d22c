package io.nioring.consumer.datagrams;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nioring.consumer.FreePort;
import io.nioring.consumer.Loopback;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.net.InetAddress;
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
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FRAG4;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.MFC;
import org.jgroups.protocols.PING;
import org.jgroups.protocols.UDP;
import org.jgroups.protocols.UFC;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.Protocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * JGroups' members over its transport {@code UDP}, plain sockets that find one another by
 * multicast.
 */
class JGroupsTest {
  private static final int MEMBERS = 3;
  private static final long DEADLINE_SECONDS = 60;
  private static final String GROUP = Loopback.HOST.contains(":") ? "ff0e::7:7:7" : "239.7.7.7";

  private final List<JChannel> members = new ArrayList<>();
  private final List<Inbox> inboxes = new ArrayList<>();
  private Wire wire;

  @BeforeEach
  void form() throws Exception {
    wire = Wire.watch();
    int port = FreePort.find();
    for (int i = 0; i < MEMBERS; i++) {
      Inbox inbox = new Inbox();
      JChannel member = new JChannel(protocols(port));
      member.setReceiver(inbox);
      inboxes.add(inbox);
      members.add(member);
      member.connect("cluster");
    }
    for (Inbox inbox : inboxes) {
      inbox.awaitMembers(MEMBERS);
    }
  }

  @AfterEach
  void end() throws Exception {
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
    byte[] large = Payload.ofSize(1_000_000);
    members.get(1).send(new BytesMessage(members.get(2).getAddress(), large));
    assertEquals(Payload.checksum(large), Payload.checksum(inboxes.get(2).next()));
    wire.noKernelDatagrams();
    wire.noKernelConnections();
  }

  @Test
  void othersNoticeWhoLeaves() throws Exception {
    members.remove(MEMBERS - 1).close();
    inboxes.get(0).awaitMembers(MEMBERS - 1);
    wire.noKernelDatagrams();
    wire.noKernelConnections();
  }

  private static List<Protocol> protocols(int port) throws Exception {
    UDP transport = new UDP();
    transport.setBindAddress(Loopback.address());
    transport.setMulticastAddress(InetAddress.getByName(GROUP));
    transport.setMulticastPort(port);
    return List.of(
        transport,
        new PING(),
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
