package io.nioring.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import org.jgroups.protocols.BasicTCP;
import org.jgroups.protocols.FRAG4;
import org.jgroups.protocols.MFC;
import org.jgroups.protocols.TCPPING;
import org.jgroups.protocols.UFC;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.Protocol;

/** The members of a JGroups cluster, all in this JVM, and what each of them has received. */
public final class JGroupsCluster implements AutoCloseable {
  private static final long DEADLINE_SECONDS = 60;

  private final List<JChannel> members = new ArrayList<>();
  private final List<Inbox> inboxes = new ArrayList<>();

  /**
   * Adds a member.
   *
   * @param lowest its transport, what finds the others, and what notices who is gone
   */
  public void join(Protocol... lowest) throws Exception {
    List<Protocol> protocols = new ArrayList<>(Arrays.asList(lowest));
    protocols.addAll(
        List.of(
            new VERIFY_SUSPECT2(),
            new NAKACK2(),
            new UNICAST3(),
            new STABLE(),
            new GMS().setJoinTimeout(1_000),
            new UFC(),
            new MFC(),
            new FRAG4()));
    Inbox inbox = new Inbox();
    JChannel member = new JChannel(protocols);
    member.setReceiver(inbox);
    inboxes.add(inbox);
    members.add(member);
    member.connect("cluster");
  }

  /**
   * Adds a member over TCP.
   *
   * @param transport its transport
   * @param own its address
   * @param known the addresses of the members that it asks for the others
   * @param detection what notices who is gone
   */
  public void joinOverTcp(
      BasicTCP transport,
      InetSocketAddress own,
      List<InetSocketAddress> known,
      Protocol... detection)
      throws Exception {
    transport.setBindAddress(own.getAddress());
    transport.setBindPort(own.getPort());
    transport.setPortRange(0);
    TCPPING discovery = new TCPPING();
    discovery.setInitialHosts(known);
    discovery.setPortRange(0);
    List<Protocol> lowest = new ArrayList<>(List.of(transport, discovery));
    lowest.addAll(Arrays.asList(detection));
    join(lowest.toArray(Protocol[]::new));
  }

  /** Takes the member that joined last out of the list; its leaving is the caller's. */
  public JChannel removeLast() {
    inboxes.remove(inboxes.size() - 1);
    return members.remove(members.size() - 1);
  }

  /** Waits until each member knows of just those that are in the list. */
  public void awaitMembers() throws InterruptedException {
    for (Inbox inbox : inboxes) {
      inbox.awaitMembers(members.size());
    }
  }

  /** Sends messages of growing sizes from the first member, which reach all in their order. */
  public void sendToAll(int count) throws Exception {
    for (int i = 0; i < count; i++) {
      members.get(0).send(null, Payload.ofSize(i + 1));
    }
    for (Inbox inbox : inboxes) {
      for (int i = 0; i < count; i++) {
        assertEquals(i + 1, inbox.next().length);
      }
    }
  }

  /** Sends a message from a member to another, and returns it as it has arrived. */
  public byte[] send(int from, int to, byte[] body) throws Exception {
    members.get(from).send(new BytesMessage(members.get(to).getAddress(), body));
    byte[] arrived = inboxes.get(to).next();
    assertEquals(Payload.checksum(body), Payload.checksum(arrived));
    return arrived;
  }

  @Override
  public void close() {
    members.forEach(JChannel::close);
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
