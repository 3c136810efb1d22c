package io.nioring.internal.stream;

import io.nioring.internal.ring.Quota;
import io.nioring.socket.PeerCredentials;
import io.nioring.socket.Right;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The ancillary data in flight in one direction, each with the range of bytes it belongs to.
 *
 * <h2>How it works</h2>
 *
 * <pre>{@code
 * ring      . . a a a B B B B B c c D D D . .        B and D carry something, a and c are plain
 *               ^head                     ^tail
 * queue        [B.start, B.end) -> [D.start, D.end)
 * }</pre>
 *
 * Plain bytes have no entry, and a direction that never carried ancillary data has no queue. The
 * ranges are indexes of the {@link io.nioring.internal.ring.ByteRing}, ascending and disjoint. An
 * entry is added <em>before</em> the first of its bytes is published. So a reader that loads the
 * ring's tail first and the queue second finds the entry of every byte below that tail; and it must
 * not read beyond that tail, or it could cross a boundary that was added later.
 *
 * <p>A message that is still being sent already has its final range. If the send ends early the
 * range shrinks, before any byte of another send is published.
 *
 * <p>Rights are taken from their entry by an atomic exchange, once: by the receiver, or by the
 * thread that closes them. After a while, channels that could form a cycle are held by the
 * receiving channel instead of the entry, see {@link HeldChannels}; that is such an exchange too.
 *
 * <h2>Threads</h2>
 *
 * A list with one producer, under the write lock of the sending end, and one consumer, under the
 * read lock of the receiving end. {@link #discard}, {@link #holdChannels} and {@link #stopHolding}
 * may be called by any thread.
 */
final class AncillaryQueue extends RightsInFlight {
  /** The heap size of a message, rounded up. */
  private static final int MESSAGE_BYTES = 256;

  /** The heap size of a right, rounded up, without the channel itself. */
  private static final int RIGHT_BYTES = 64;

  /** The data of one message. */
  static final class Entry {
    /** The index of the message's first byte; set when it is {@linkplain #add queued}. */
    private long start;

    /** Whether it is in the queue; for the sender. */
    private boolean queued;

    /** The credentials, if they differ from the sending end's own; otherwise null. */
    private final PeerCredentials credentials;

    private final AtomicReference<CarriedRights> rights;
    private final int costBytes;
    private final Quota rightsInFlight;
    private volatile long end;
    private volatile Entry next;

    private Entry(List<Right> rights, PeerCredentials credentials, Quota rightsInFlight) {
      this.costBytes = cost(rights);
      this.rightsInFlight = rightsInFlight;
      this.rights = new AtomicReference<>();
      // The first call takes memory: here nothing has been sent, and nobody's rights can be lost.
      this.rights.getAndSet(rights.isEmpty() ? null : new QueuedRights(rights));
      this.credentials = credentials;
    }

    /** Whether a byte of the message was sent. */
    boolean isQueued() {
      return queued;
    }

    /**
     * Ends the message, possibly earlier than planned; the sender still holds its lock. If no byte
     * was sent nothing is in the queue: its rights stay with the sender.
     */
    void endAt(long index) {
      if (queued) {
        end = index;
      } else {
        takeRights();
      }
    }

    /** Takes the rights; null if there are none, or another thread was first. */
    List<Right> takeRights() {
      CarriedRights taken = rights.getAndSet(null);
      if (taken == null) {
        return null;
      }
      rightsInFlight.giveBack(taken.count());
      return taken.take();
    }

    int rightsCount() {
      CarriedRights present = rights.get();
      return present == null ? 0 : present.count();
    }

    boolean hasChannelsToHold() {
      return rights.get() instanceof QueuedRights queued && queued.haveReceivers();
    }

    void holdChannels(HeldChannels holder) {
      if (rights.get() instanceof QueuedRights queued && queued.haveReceivers()) {
        HeldRights held = HeldRights.of(queued, holder);
        if (!rights.compareAndSet(queued, held)) {
          held.take();
        }
      }
    }

    void stopHolding() {
      if (rights.get() instanceof HeldRights held
          && rights.compareAndSet(held, new QueuedRights(held.show()))) {
        held.take();
      }
    }
  }

  /** The entry before the first one that counts: written by the reader, read by any thread. */
  private volatile Entry before;

  /** Guarded by the write lock. */
  private Entry last;

  private final Quota rightsInFlight;

  /** The total cost of the added messages; written under the write lock. */
  private volatile long addedBytes;

  /** The total cost of the completely read messages; written under the read lock. */
  private volatile long droppedBytes;

  /** The cost of a message for which there was no room; 0 if the last one had room. */
  private volatile int refusedBytes;

  // Guarded by the read lock: the state of the present receive.

  /** The message whose rights the present receive got, with which it therefore ends. */
  private Entry boundary;

  /** The credentials of the present receive's bytes; null for the sending end's own. */
  private PeerCredentials credentials;

  /** The message whose first byte is among those that {@link #admit} admitted last; or null. */
  private Entry met;

  /** Rights that were read and not handed out yet. */
  private List<Right> received;

  /**
   * Makes an empty queue.
   *
   * @param rightsInFlight bounds the rights of all queues together
   */
  AncillaryQueue(Quota rightsInFlight) {
    this.rightsInFlight = rightsInFlight;
    this.before = new Entry(List.of(), null, rightsInFlight);
    this.last = before;
  }

  /**
   * How much of a direction's capacity a message takes besides its bytes, as in a kernel's buffers.
   */
  private static int cost(List<Right> rights) {
    return MESSAGE_BYTES + RIGHT_BYTES * rights.size();
  }

  /** How much of the capacity the messages take besides their bytes; never too small. */
  long costBytes() {
    long dropped = droppedBytes;
    return addedBytes - dropped;
  }

  /** Whether there is still no room for a message that was refused. */
  boolean isStillFull(int waitingBytes, int capacityBytes) {
    int refused = refusedBytes;
    long queued = refused == 0 ? 0 : costBytes();
    return queued > 0 && waitingBytes + queued + refused > capacityBytes;
  }

  // -- the sender's side

  /**
   * Whether there is room for the data of a message besides the unread bytes. A single message
   * always has room.
   */
  boolean hasRoom(List<Right> rights, int waitingBytes, int capacityBytes) {
    int cost = cost(rights);
    long queued = costBytes();
    boolean room = queued == 0 || waitingBytes + queued + cost <= capacityBytes;
    refusedBytes = room ? 0 : cost;
    return room;
  }

  /**
   * Makes the data of a message, which is {@linkplain #add added} once a byte of it was taken: a
   * source may fail before, again and again, and there may be no memory for the byte.
   *
   * @throws SocketException if too many rights are in flight (unix(7), ETOOMANYREFS)
   */
  Entry prepare(List<Right> rights, PeerCredentials differing) throws SocketException {
    Entry prepared = new Entry(rights, differing, rightsInFlight);
    if (!rightsInFlight.take(rights.size())) {
      throw new SocketException("Too many references: cannot splice");
    }
    return prepared;
  }

  /**
   * Adds the data of a message whose bytes are published next. Takes no memory.
   *
   * @param start the index of its first byte
   * @param length how many bytes it will have, at least one
   */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one sender at a time
  void add(Entry added, long start, long length) {
    added.start = start;
    added.end = start + length;
    added.queued = true;
    long bytesBefore = addedBytes; // one writer at a time
    addedBytes = bytesBefore + added.costBytes;
    last.next = added;
    last = added;
  }

  // -- the receiver's side

  /**
   * How many of the readable bytes the present receive may take at once.
   *
   * @param head the index of the first of them
   * @param wanted how many there are, no more than the tail that was seen before
   * @param first whether they are the first of this receive
   * @param separate whether bytes of different credentials are kept apart
   */
  int admit(long head, int wanted, boolean first, boolean separate) {
    passed(head);
    long end = head + wanted;
    if (first) {
      boundary = null;
      credentials = credentialsAt(head);
    } else if (boundary != null) {
      end = Math.min(end, Math.max(head, boundary.end));
    }
    if (separate) {
      end = Math.min(end, endOfCredentials(head, end));
    }
    met = boundary == null ? firstWithRights(end) : null;
    if (met != null) {
      end = Math.min(end, met.end);
    }
    return (int) (end - head);
  }

  /** Drops the messages that end at the head or before it. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one receiver at a time
  void passed(long head) {
    Entry next = before.next;
    while (next != null && next.end - head <= 0) {
      long bytesBefore = droppedBytes; // one reader at a time
      droppedBytes = bytesBefore + next.costBytes;
      before = next;
      next = next.next;
    }
  }

  private PeerCredentials credentialsAt(long index) {
    Entry next = before.next;
    return next != null && next.start <= index ? next.credentials : null;
  }

  /** Where bytes with credentials other than the present receive's begin, or the given end. */
  private long endOfCredentials(long head, long end) {
    long index = head;
    for (Entry next = before.next; next != null && index < end; next = next.next) {
      if (next.start > index && credentials != null) {
        return index; // plain bytes in between
      }
      if (next.start < end && !Objects.equals(credentials, next.credentials)) {
        return Math.max(index, next.start);
      }
      index = Math.max(index, next.end);
    }
    return index < end && credentials != null ? index : end;
  }

  private Entry firstWithRights(long end) {
    for (Entry next = before.next; next != null && next.start < end; next = next.next) {
      if (next.rights.get() != null) {
        return next;
      }
    }
    return null;
  }

  /** Takes the rights of the current message, once its first byte was read. */
  void take() {
    if (met != null) {
      boundary = met;
      received = met.takeRights();
      met = null;
    }
  }

  /**
   * The rights of the current message, duplicated for a peek that has room for some; none if there
   * is no such message. Meanwhile {@link #discard} does not find them: the caller checks afterwards
   * whether the receiving end is gone.
   *
   * @throws IOException if descriptors cannot be duplicated
   */
  List<Right> peekRights(int room) throws IOException {
    CarriedRights carried = met == null ? null : met.rights.getAndSet(null);
    if (carried == null) {
      return List.of();
    }
    try {
      List<Right> rights = carried.show();
      return Rights.duplicate(rights.subList(0, Math.min(room, rights.size())));
    } finally {
      met.rights.set(carried);
    }
  }

  /** How many rights the current message carries. */
  int rightsMet() {
    CarriedRights carried = met == null ? null : met.rights.get();
    return carried == null ? 0 : carried.count();
  }

  /** The rights taken by {@link #take}, to hand out. */
  List<Right> rightsReceived() {
    List<Right> taken = received;
    return taken == null ? List.of() : taken;
  }

  /** The first of these were handed out; the others remain. */
  void handedOut(int count) {
    List<Right> taken = received;
    if (taken != null) {
      received = count < taken.size() ? taken.subList(count, taken.size()) : null;
    }
  }

  /**
   * The rights taken by {@link #take} and not handed out, or left since, once: to be closed. Null
   * if there are none.
   */
  List<Right> receivedRights() {
    List<Right> taken = received;
    received = null;
    return taken;
  }

  /** Leaves rights that were not handed out to the thread that releases the read lock. */
  void leave(List<Right> rights) {
    received = rights;
  }

  /** The credentials of the bytes received last; null for the sending end's own. */
  PeerCredentials receivedCredentials() {
    return credentials;
  }

  // -- the housekeeping

  /**
   * Whether there are channels in flight that could form a cycle and that only this queue refers
   * to.
   */
  boolean hasChannelsToHold() {
    for (Entry next = before.next; next != null; next = next.next) {
      if (next.hasChannelsToHold()) {
        return true;
      }
    }
    return false;
  }

  /** Lets the receiving channel hold such channels instead of this queue. */
  void holdChannels(HeldChannels holder) {
    for (Entry next = before.next; next != null; next = next.next) {
      next.holdChannels(holder);
    }
  }

  /** Holds all of them in the queue again, while their holder is still reachable. */
  void stopHolding() {
    for (Entry next = before.next; next != null; next = next.next) {
      next.stopHolding();
    }
  }

  // -- the end

  /** This, for who need not load this class to know what it is. */
  RightsInFlight inFlight() {
    return this;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Who adds rights later than this looks for them sees that the reader is gone, and takes them.
   */
  @Override
  public List<Right> discard() {
    int room = 0;
    for (Entry next = before.next; next != null; next = next.next) {
      room += next.rightsCount();
    }
    List<Right> all = new ArrayList<>(room); // before any is taken: there may be no memory for it
    for (Entry next = before.next; next != null && all.size() < room; next = next.next) {
      if (all.size() + next.rightsCount() <= room) {
        addAll(next.takeRights(), all);
      }
    }
    return all;
  }

  /** Without the copy that the list's own method makes. */
  private static void addAll(List<Right> taken, List<Right> to) {
    for (int i = 0; taken != null && i < taken.size(); i++) {
      to.add(taken.get(i));
    }
  }
}
