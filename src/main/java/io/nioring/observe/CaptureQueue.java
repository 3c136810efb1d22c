package io.nioring.observe;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The queue of records from captured connections to the thread that writes them: a bounded ring of
 * memory, filled by any threads in the order in which they claim their places.
 *
 * <p>An offer claims its place by one compare-and-set of the tail, fills it, and commits it by its
 * length. So an offer that happens after another one has a later place, whichever threads made
 * them: the order of a capture is causal. A record that does not fit is dropped and counted, or
 * waits for the writing thread.
 *
 * <pre>
 *   0        4      8      16      24         32       36     40
 *   +--------+------+------+-------+----------+--------+------+---------
 *   | length | kind | key  | nanos | position | number | lost | payload   padded to 8 byte
 *   +--------+------+------+-------+----------+--------+------+---------
 * </pre>
 *
 * A length of 0 is not committed yet; a negative one is that of a gap at the end of the memory. The
 * reading thread leaves zeros behind.
 */
final class CaptureQueue {
  /** The kinds of records. */
  enum Kind {
    /** A connection was made; the payload is a comment. */
    CONNECTED(3),
    /** A connection was refused; the payload is a comment. */
    REFUSED(2),
    /** Bytes were sent; the number is how many, of which the payload is what is kept. */
    DATA(1),
    /** Bytes were read up to the position; the number is the room. */
    READ(1),
    /** The end of the stream was read. */
    READ_END(1),
    /** No byte will be sent behind the position. */
    FINISHED(1),
    /** The other end was reset. */
    RESET(1),
    /** An end was closed. */
    CLOSED(0),
    /** A {@link CapturedDatagram}, without a connection; the number is its length. */
    DATAGRAM(1),
    /** The payload is a comment. */
    REMARK(0);

    private static final Kind[] ALL = values();

    /** How many packets are lost with it. */
    private final int packets;

    Kind(int packets) {
      this.packets = packets;
    }
  }

  /** Takes the records. */
  interface Consumer {
    /** Called before records are taken; those that will be are in the queue already. */
    default void begin() throws IOException {}

    /**
     * Takes one record.
     *
     * @param lost how many packets were dropped since the one before
     * @param payload valid during the call
     */
    void record(
        Kind kind, long key, long nanos, long position, int number, int lost, ByteBuffer payload)
        throws IOException;
  }

  private static final VarHandle LENGTH =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final int ALIGNMENT = 8;
  private static final int KIND = 4;
  private static final int KEY = 8;
  private static final int NANOS = 16;
  private static final int POSITION = 24;
  private static final int NUMBER = 32;
  private static final int LOST = 36;
  private static final int HEADER_BYTES = 40;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

  /**
   * The part of the memory that is reserved for records without data, such as those of connects and
   * closes.
   */
  private static final int RESERVED_SHIFT = 4;

  private static final long WAIT_NANOS = 50_000;

  /** Null once the queue is not used any more. */
  private ByteBuffer memory;

  private ByteBuffer zeros;
  private final int capacity;
  private final boolean waits;
  private final AtomicLong tail = new AtomicLong();
  private final AtomicLong head = new AtomicLong();
  private final AtomicLong droppedPackets = new AtomicLong();
  private final AtomicLong droppedBytes = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();

  private volatile boolean closed;
  private volatile Thread reader;
  private volatile boolean asleep;

  /**
   * Makes an empty queue.
   *
   * @param bytes its bound, which is rounded down to a power of two
   * @param waits whether an offer waits for room, rather than be dropped
   * @throws OutOfMemoryError if there is no direct memory for it
   */
  CaptureQueue(long bytes, boolean waits) {
    this.capacity = (int) Long.highestOneBit(bytes);
    this.waits = waits;
    this.memory =
        ByteBuffer.allocateDirect(capacity + ALIGNMENT)
            .alignedSlice(ALIGNMENT)
            .slice(0, capacity)
            .order(ByteOrder.nativeOrder());
    this.zeros = ByteBuffer.allocateDirect(Math.min(capacity, 1 << 16));
  }

  /** The most bytes of one record's payload. */
  int maxPayload() {
    return capacity / 4 - HEADER_BYTES;
  }

  /** How many packets were dropped. */
  long droppedPackets() {
    return droppedPackets.get();
  }

  /** How many bytes of streams were dropped. */
  long droppedBytes() {
    return droppedBytes.get();
  }

  /** Takes no more offers: they are neither kept nor counted. */
  void close() {
    closed = true;
    wakeReader();
  }

  /**
   * Lets go of the memory, once nothing is offered or taken any more. An offer that has begun
   * before still finds it, or is refused.
   */
  void forget() {
    closed = true;
    memory = null;
    zeros = null;
  }

  // -- any thread

  /** Offers a record without payload. */
  void offer(Kind kind, long key, long nanos, long position, int number) {
    offer(kind, key, nanos, position, number, NOTHING, 0);
  }

  /**
   * Offers a record.
   *
   * @param kind its kind
   * @param key the key of its connection
   * @param nanos the time
   * @param position the position in the stream
   * @param number by its kind
   * @param payload the bytes; its position stays
   * @param kept how many of them are kept, not above {@link #maxPayload}
   * @return whether it was taken
   */
  @SuppressWarnings("EnumOrdinal") // it does not leave the process
  boolean offer(
      Kind kind, long key, long nanos, long position, int number, ByteBuffer payload, int kept) {
    ByteBuffer ring = memory; // read once
    int bytes = HEADER_BYTES + kept;
    long place = ring == null ? -1 : claim(ring, bytes, kind);
    if (place < 0) {
      dropped(kind, kind == Kind.DATA || kind == Kind.DATAGRAM ? number : 0);
      return false;
    }
    int at = (int) place & (capacity - 1);
    boolean copied = false;
    try {
      if (kept > 0) {
        ring.put(at + HEADER_BYTES, payload, payload.position(), kept);
      }
      copied = true;
    } finally {
      if (!copied) { // the program's memory is gone; the reader would wait for the record for ever
        LENGTH.setRelease(ring, at, -padded(bytes));
        dropped(kind, kind == Kind.DATA ? number : 0);
      }
    }
    ring.putInt(at + KIND, kind.ordinal());
    ring.putLong(at + KEY, key);
    ring.putLong(at + NANOS, nanos);
    ring.putLong(at + POSITION, position);
    ring.putInt(at + NUMBER, number);
    ring.putInt(at + LOST, kind.packets == 0 ? 0 : takeLost());
    LENGTH.setRelease(ring, at, bytes); // pairs with the acquire in drain
    return true;
  }

  private int takeLost() {
    return lost.get() == 0 ? 0 : (int) Math.min(lost.getAndSet(0), Integer.MAX_VALUE);
  }

  /** Claims a place in the memory; -1 if there is none and the record is to be dropped. */
  @SuppressWarnings("ThreadPriorityCheck") // the reader needs a core
  private long claim(ByteBuffer ring, int bytes, Kind kind) {
    long place = tryClaim(ring, bytes, kind);
    while (place < 0 && waits && !closed) {
      wakeReader();
      Thread.yield(); // a park returns at once in a thread that was interrupted
      LockSupport.parkNanos(this, WAIT_NANOS);
      place = tryClaim(ring, bytes, kind);
    }
    return place;
  }

  private long tryClaim(ByteBuffer ring, int bytes, Kind kind) {
    int length = padded(bytes);
    boolean isBulk = kind == Kind.DATA || kind == Kind.READ || kind == Kind.DATAGRAM;
    int bound = isBulk ? capacity - (capacity >> RESERVED_SHIFT) : capacity;
    while (!closed) {
      long first = head.get(); // before the tail: so it is never behind it
      long end = tail.get();
      int toWrap = capacity - ((int) end & (capacity - 1));
      int gap = toWrap < length ? toWrap : 0;
      if (end - first + gap + length > bound) {
        return -1;
      }
      if (tail.compareAndSet(end, end + gap + length)) {
        if (gap > 0) {
          LENGTH.setRelease(ring, (int) end & (capacity - 1), -gap);
        }
        if (asleep && end - first > capacity >> 2) {
          wakeReader();
        }
        return end + gap;
      }
    }
    return -1;
  }

  private void dropped(Kind kind, int bytes) {
    if (!closed) {
      droppedPackets.addAndGet(kind.packets);
      droppedBytes.addAndGet(bytes);
      lost.addAndGet(kind.packets);
    }
  }

  private static int padded(int bytes) {
    return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
  }

  private void wakeReader() {
    LockSupport.unpark(reader); // nothing if there is none yet
  }

  // -- the reading thread

  /** The position behind all records that were claimed. */
  long claimed() {
    return tail.get();
  }

  /** The position behind all records that were taken. */
  long taken() {
    return head.get();
  }

  /** How many packets were dropped since the last record; once. */
  long lostSince() {
    return lost.getAndSet(0);
  }

  /**
   * Takes what is there.
   *
   * @return whether there was anything
   */
  boolean drain(Consumer consumer) throws IOException {
    long start = head.get();
    long at = start;
    long end = tail.get();
    if (at < end) {
      consumer.begin();
    }
    while (at < end) {
      int index = (int) at & (capacity - 1);
      int length = (int) LENGTH.getAcquire(memory, index);
      if (length == 0) {
        break; // claimed and not committed yet
      }
      if (length > 0) {
        consume(consumer, index, length);
      }
      int whole = length > 0 ? padded(length) : -length;
      clear(index, whole);
      at += whole;
      head.set(at);
    }
    return at != start;
  }

  private void consume(Consumer consumer, int index, int length) throws IOException {
    consumer.record(
        Kind.ALL[memory.getInt(index + KIND)],
        memory.getLong(index + KEY),
        memory.getLong(index + NANOS),
        memory.getLong(index + POSITION),
        memory.getInt(index + NUMBER),
        memory.getInt(index + LOST),
        memory.slice(index + HEADER_BYTES, length - HEADER_BYTES));
  }

  private void clear(int index, int bytes) {
    for (int done = 0; done < bytes; done += zeros.capacity()) {
      memory.put(index + done, zeros, 0, Math.min(zeros.capacity(), bytes - done));
    }
  }

  /** Sleeps until there is much to take, the queue is closed, or the time is over. */
  void sleep(long nanos) {
    reader = Thread.currentThread();
    asleep = true;
    if (!closed) {
      LockSupport.parkNanos(this, nanos);
    }
    asleep = false;
  }
}
