package io.nioring.internal.datagram;

import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

/**
 * The receiving end of a datagram socket: queued packets, group memberships, and waiters.
 *
 * <h2>The queue</h2>
 *
 * Packets are the nodes of a linked list. Senders append by exchanging the tail and linking the
 * node before; one receiver at a time, admitted by the socket's lock, takes from the head, which is
 * the node that was taken last. So neither side waits for the other. Between the two steps of a
 * sender the queue seems to end before its packet; the sender wakes the receiver after both.
 *
 * <p>The queue is bounded by bytes, with something added for each packet. As in the kernel, a
 * packet that finds the bound exceeded is dropped without notice to its sender (udp(7)).
 */
public final class DatagramInbox {
  /** What the bound counts besides the payload: about the heap size of a packet. */
  static final int PACKET_OVERHEAD_BYTES = 64;

  // No handles, whose first calls take memory: between two steps of a queue nothing may fail.

  private static final AtomicReferenceFieldUpdater<DatagramInbox, Datagram> TAIL =
      AtomicReferenceFieldUpdater.newUpdater(DatagramInbox.class, Datagram.class, "tail");
  private static final AtomicReferenceFieldUpdater<DatagramInbox, Datagram> HEAD =
      AtomicReferenceFieldUpdater.newUpdater(DatagramInbox.class, Datagram.class, "head");
  private static final AtomicIntegerFieldUpdater<DatagramInbox> QUEUED_BYTES =
      AtomicIntegerFieldUpdater.newUpdater(DatagramInbox.class, "queuedBytes");

  private static final MulticastMembership[] NONE = {};

  private final PollSet poll = new PollSet();

  /** The packet taken last, whose successor is the next one; written by the receiver. */
  private volatile Datagram head = new Datagram(null, new byte[0]);

  @SuppressWarnings("UnusedVariable") // through its updater
  private volatile Datagram tail = head;

  private volatile int queuedBytes;

  private volatile int limitBytes;

  /** Whether a packet of ours found no receiver, which the next operation reports. */
  private volatile boolean unreachable;

  /** Replaced as a whole under the monitor of this object. */
  private volatile MulticastMembership[] memberships = NONE;

  /** Makes an empty inbox with a capacity in bytes. */
  public DatagramInbox(int limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** Changes the capacity; queued packets stay. */
  public void limitBytes(int bytes) {
    limitBytes = bytes;
  }

  /** The waiters for packets. */
  public PollSet poll() {
    return poll;
  }

  // -- packets

  /** Appends a packet, or drops it if the inbox is full; {@link #wake} must follow. */
  public void offer(Datagram packet) {
    int size = packet.length() + PACKET_OVERHEAD_BYTES;
    if (QUEUED_BYTES.getAndAdd(this, size) > limitBytes) {
      QUEUED_BYTES.getAndAdd(this, -size);
      return;
    }
    TAIL.getAndSet(this, packet).setNextRelease(packet);
  }

  /** Wakes the waiters, after {@link #offer}; no lock is held. */
  public void wake() {
    VarHandle.fullFence(); // the packet before the look at who waits: pairs with PollSet's arming
    poll.wake(Readiness.IN);
  }

  /** What the queued packets count against the capacity; a hint. */
  public int queuedBytes() {
    return queuedBytes;
  }

  /** The capacity in bytes. */
  public int limitBytes() {
    return limitBytes;
  }

  /** Takes the first packet, null if there is none; one thread at a time. */
  public Datagram take() {
    Datagram taken = head;
    Datagram first = taken.nextAcquire();
    if (first == null) {
      return null;
    }
    HEAD.lazySet(this, first); // before the link is cut: see isEmpty
    taken.setNextRelease(null); // an old node must not keep a new one alive
    QUEUED_BYTES.getAndAdd(this, -(first.length() + PACKET_OVERHEAD_BYTES));
    return first;
  }

  /** Whether the inbox is empty; may be called by any thread. */
  private boolean isEmpty() {
    Datagram seen = head;
    while (seen.nextAcquire() == null) {
      Datagram now = head;
      if (now == seen) {
        return true;
      }
      seen = now; // the link was cut since the packet after it was taken
    }
    return false;
  }

  // -- errors

  /** Records that a packet found no receiver, as an ICMP message does in the kernel. */
  public void noteUnreachable() {
    unreachable = true; // a full fence
    poll.wake(Readiness.ALL);
  }

  /**
   * Reports once that a packet found no receiver. Only a connected socket does: the platform's
   * operations on others skip such an error, which also clears it in the kernel.
   *
   * @throws PortUnreachableException if there was one
   */
  public void throwIfUnreachable(boolean connected) throws PortUnreachableException {
    if (unreachable) {
      unreachable = false;
      if (connected) {
        throw new PortUnreachableException();
      }
    }
  }

  /** Drops what {@link #throwIfUnreachable} would report. */
  public void forgetUnreachable() {
    unreachable = false;
  }

  /** The present {@link Readiness} for receiving. */
  public int readiness() {
    if (unreachable) {
      return Readiness.IN | Readiness.ERR;
    }
    return isEmpty() ? 0 : Readiness.IN;
  }

  // -- memberships

  /** Adds a membership. */
  public synchronized void join(MulticastMembership membership) {
    MulticastMembership[] more = Arrays.copyOf(memberships, memberships.length + 1);
    more[memberships.length] = membership;
    memberships = more;
  }

  /** Ends a membership; does nothing if it was ended. */
  public synchronized void leave(MulticastMembership membership) {
    memberships =
        Arrays.stream(memberships)
            .filter(each -> each != membership)
            .toArray(MulticastMembership[]::new);
  }

  /**
   * Whether a packet to a group is wanted.
   *
   * @param from the interface through which it is sent; null for any
   */
  boolean admits(InetAddress group, InetAddress source, NetworkInterface from) {
    for (MulticastMembership membership : memberships) {
      if (membership.admits(group, source, from)) {
        return true;
      }
    }
    return false;
  }
}
