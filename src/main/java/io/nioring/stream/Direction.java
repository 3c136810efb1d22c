package io.nioring.stream;

import io.nioring.memory.MemoryPool;
import io.nioring.ring.ByteRing;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketException;
import java.nio.ByteBuffer;

/**
 * One direction of a connected pair: the bytes on their way, and the bits that say how it ends.
 *
 * <p>As in the kernel's Unix sockets there is one bit for "no more bytes": it does not matter
 * whether the writing end shut its output or the reading end its input. End of file is that bit
 * <em>and</em> a ring found empty after the bit was seen; the other order would lose the last
 * bytes.
 *
 * <p>The ring's memory belongs to both ends: the last of the two to leave gives it back, since the
 * other may be copying.
 */
public final class Direction {
  /** No more bytes are taken: one of the ends has shut it. */
  private static final int DONE = 1;

  /** The reading end has closed: what is written now is never read. */
  private static final int READER_GONE = 1 << 1;

  /** The reader's next read at the end of the data fails with "Connection reset", once. */
  private static final int RESET = 1 << 2;

  /** The writing end will not touch the ring any more. */
  private static final int WRITER_LEFT = 1 << 3;

  /** The reading end will not touch the ring any more. */
  private static final int READER_LEFT = 1 << 4;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Direction.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final MemoryPool pool;
  private final int capacityBytes;
  private volatile int state;

  /** Made by the writer at its first byte. */
  private volatile ByteRing ring;

  Direction(MemoryPool pool, int capacityBytes) {
    this.pool = pool;
    this.capacityBytes = capacityBytes;
  }

  int capacityBytes() {
    return capacityBytes;
  }

  /**
   * Writes what there is room for; the caller holds the writing end's write lock.
   *
   * @return the bytes taken, 0 if the ring is full
   * @throws IOException "Broken pipe" if the direction is shut
   */
  int write(ByteBuffer src) throws IOException {
    if ((state & DONE) != 0) {
      throw new IOException("Broken pipe");
    }
    return ringToWrite().write(src);
  }

  private ByteRing ringToWrite() {
    ByteRing present = ring;
    if (present == null) {
      present = new ByteRing(pool, capacityBytes);
      ring = present;
    }
    return present;
  }

  /**
   * Reads what is there; the caller holds the reading end's read lock.
   *
   * @return the bytes read, 0 if there is nothing yet, -1 at the end
   * @throws SocketException "Connection reset", once, if the other end left unread bytes behind
   */
  int read(ByteBuffer dst) throws SocketException {
    int count = readRing(dst);
    if (count > 0 || (state & DONE) == 0) {
      return count;
    }
    count = readRing(dst); // the last bytes may have come between the first look and the bit
    if (count > 0) {
      return count;
    }
    if (consumeReset()) {
      throw new SocketException("Connection reset");
    }
    return -1;
  }

  /** Reads what is there, 0 at the end too. */
  int readRing(ByteBuffer dst) {
    ByteRing present = ring;
    return present == null ? 0 : present.read(dst);
  }

  private boolean consumeReset() {
    return (state & RESET) != 0 && ((int) STATE.getAndBitwiseAnd(this, ~RESET) & RESET) != 0;
  }

  /** How many bytes wait to be read. */
  int available() {
    ByteRing present = ring;
    return present == null ? 0 : present.size();
  }

  /** Whether a writer is asked to go on: a quarter is free, or writing fails at once. */
  boolean writable() {
    ByteRing present = ring;
    return present == null || present.free() >= (capacityBytes + 3) >> 2 || (state & DONE) != 0;
  }

  boolean isDone() {
    return (state & DONE) != 0;
  }

  boolean isReset() {
    return (state & RESET) != 0;
  }

  boolean isReaderGone() {
    return (state & READER_GONE) != 0;
  }

  /** How many bytes have been read so far. */
  long totalRead() {
    ByteRing present = ring;
    return present == null ? 0 : present.totalRead();
  }

  /** Takes no more bytes, from either end. */
  void shut() {
    add(DONE);
  }

  /** The reading end closes. */
  void closeReader() {
    add(DONE | READER_GONE);
  }

  /** The writing end closes, and if asked to, makes the reader's end a reset. */
  void closeWriter(boolean reset) {
    add(reset ? DONE | RESET : DONE);
  }

  /** Makes the reader's end a reset. */
  void reset() {
    add(RESET);
  }

  /** The writing end leaves the ring; called once, with its write lock held. */
  void leaveWriter() {
    releaseAfter(WRITER_LEFT, READER_LEFT);
  }

  /** The reading end leaves the ring; called once, with its read lock held. */
  void leaveReader() {
    releaseAfter(READER_LEFT, WRITER_LEFT);
  }

  private void releaseAfter(int own, int other) {
    boolean last = (add(own) & other) != 0;
    ByteRing present = ring;
    if (last && present != null) {
      present.release();
    }
  }

  private int add(int bits) {
    return (int) STATE.getAndBitwiseOr(this, bits);
  }

  /** Whether the ring was empty and unused since the last call; see {@link ByteRing}. */
  boolean idleSinceLastLook() {
    ByteRing present = ring;
    return present != null && present.idleSinceLastLook();
  }

  /** Gives the memory of an empty ring back; the caller keeps both ends out. */
  void releaseIfEmpty() {
    ByteRing present = ring;
    if (present != null) {
      present.releaseIfEmpty();
    }
  }
}
