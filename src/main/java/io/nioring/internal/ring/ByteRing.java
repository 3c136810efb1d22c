package io.nioring.internal.ring;

import io.nioring.internal.poll.Failures;
import io.nioring.socket.ByteSource;
import io.nioring.socket.ByteTarget;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * A single-producer, single-consumer ring of bytes that takes memory when bytes arrive and grows
 * when they accumulate.
 *
 * <h2>How it works</h2>
 *
 * <pre>{@code
 *          head                              tail          tail - head <= capacity
 *           |                                 |
 * [ . . . . a b c d ] -next-> [ e f g h i j k . . . . . . . . . ]
 *   first (512 B)               last (2 KiB)
 *                   ^ end of first = base of last
 * }</pre>
 *
 * Bytes lie in a chain of segments. Each segment is itself a ring: index {@code i} lies at {@code
 * (i - base) & mask}. The writer works only in {@code last}; when it is full although the bound
 * allows more, it links a segment of twice the size. The reader works only in {@code first} and
 * releases it once it has read up to its end and a next one is linked. In the steady state there is
 * one segment.
 *
 * <p>A segment that is full while it is as large as the bound means that the bound is reached, so
 * growing always ends.
 *
 * <p>Where memory is short the next segment is smaller. Where there is none the ring is full: it
 * takes bytes again when the reader has made room in the last segment, or when there is memory,
 * which the pool signals.
 *
 * <h2>Memory order</h2>
 *
 * The tail is published with release after the copy (and after a linked segment) and read with
 * acquire before the reader looks at either. A reader that sees no next segment <em>after</em> it
 * saw the tail knows that all bytes below that tail lie in its segment. The head is published with
 * release after the copy out, and read with acquire before the writer reuses the space.
 *
 * <h2>Threads</h2>
 *
 * One writer at a time ({@code write}) and one reader at a time ({@code read}, {@link #peek},
 * {@link #skip}); the caller ensures the mutual exclusion of each side. {@link #size()}, {@link
 * #free()} and the totals may be read by any thread. {@link #releaseIfEmpty()} and {@link
 * #release()} need both sides to be quiet.
 */
public final class ByteRing extends ReaderFields implements MemoryWaiter {
  /** The first segment of a ring that was idle, unless the first write is larger. */
  private static final int FIRST_SEGMENT_BYTES = MemoryPool.SMALLEST_BLOCK_BYTES;

  /** Up to this size a segment is cheap to allocate, and an empty ring in use may keep it. */
  private static final int SMALL_SEGMENT_BYTES = MemoryPool.SMALL_BLOCK_BYTES;

  private static final VarHandle TAIL;
  private static final VarHandle HEAD;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      TAIL = lookup.findVarHandle(WriterFields.class, "tail", long.class);
      HEAD = lookup.findVarHandle(ReaderFields.class, "head", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** How often at most a large ring is found empty and kept before it shrinks. */
  private static final int LONGEST_KEPT = 255;

  /** The most bytes that are published at once; some ten microseconds' copying. */
  public static final int PART_BYTES = 64 * 1024;

  /** In calls of {@code onSpinWait}: some microseconds. */
  private static final int LONGEST_HEAD_START = 128;

  /** Reads of this size or more gain nothing from a head start. */
  private static final int ENOUGH_BYTES = 16 * 1024;

  /** How many reads get no head start after one in vain, at first and after many in vain. */
  private static final int FEWEST_WITHOUT = 64;

  private static final int LONGEST_WITHOUT = 8 * 1024;

  /** This many reads in a row that found something at once may be the beginning of a stream. */
  private static final int FINDS_OF_A_STREAM = 2;

  /** The tail when {@link #idleSinceLastLook()} last looked. */
  private long tailSeen;

  /** Notifies the writer when there is memory. */
  private final Runnable wakeWriter;

  /**
   * Makes an empty ring without memory.
   *
   * @param pool where the memory comes from
   * @param capacityBytes how many bytes the ring holds at most, from 1 to 2<sup>30</sup>
   */
  public ByteRing(MemoryPool pool, int capacityBytes) {
    this(pool, capacityBytes, () -> {});
  }

  /**
   * Makes an empty ring without memory, whose writer can be woken.
   *
   * @param wakeWriter wakes a writer that waits for room: called without a lock, by any thread,
   *     when there is memory after there was none
   */
  public ByteRing(MemoryPool pool, int capacityBytes, Runnable wakeWriter) {
    this(pool, capacityBytes, 0, wakeWriter);
  }

  /** As above, with indexes that start elsewhere than at 0, for tests near the end of a long. */
  ByteRing(MemoryPool pool, int capacityBytes, long firstIndex) {
    this(pool, capacityBytes, firstIndex, () -> {});
  }

  private ByteRing(MemoryPool pool, int capacityBytes, long firstIndex, Runnable wakeWriter) {
    super(pool, inBounds(capacityBytes));
    this.wakeWriter = wakeWriter;
    this.tail = firstIndex;
    this.cachedHead = firstIndex;
    this.head = firstIndex;
    this.cachedTail = firstIndex;
    this.headSeen = firstIndex;
    this.tailSeen = firstIndex - 1;
  }

  private static int inBounds(int capacityBytes) {
    if (capacityBytes < 1 || capacityBytes > 1 << 30) {
      throw new IllegalArgumentException("capacity " + capacityBytes + " is not in 1 .. 2^30");
    }
    return capacityBytes;
  }

  /** How many bytes the ring holds at most. */
  public int capacity() {
    return capacityBytes;
  }

  /** The number of bytes that can be read. */
  public int size() {
    long head = headAcquire(); // before the tail, so that the difference is never negative
    return (int) Math.min(tailAcquire() - head, capacityBytes);
  }

  /** The number of bytes that could be written now. */
  public int free() {
    return capacityBytes - size();
  }

  /**
   * Whether a waiting writer should go on: at least so many bytes are free, and there is memory for
   * them.
   */
  public boolean hasRoomFor(int bytes) {
    return free() >= bytes && (!starved || headAcquire() - resumeIndex >= 0);
  }

  /** Whether the ring got no memory when it last needed some for its first byte. */
  public boolean isWithoutMemory() {
    return starved && last == null;
  }

  /** When the ring first got no memory for its first byte; for the writer. */
  public long withoutMemorySince() {
    return withoutMemorySince;
  }

  /** How many bytes have been read since the ring was made. */
  public long totalRead() {
    return headAcquire();
  }

  /** How many bytes have been written since the ring was made. */
  public long totalWritten() {
    return tailAcquire();
  }

  /** Is told while a large write goes on. */
  public interface Progress {
    /** Bytes were published, and more follow. Must not throw. */
    void partPublished();
  }

  /** Receives bytes after they were copied and before they are published. */
  public interface Staging {
    /**
     * Called once for a write that has copied bytes, behind all others and right before they are
     * published; also if the source has failed behind them. Must not throw.
     *
     * @param index the position of the first
     */
    default void publishing(long index) {}

    /**
     * Receives bytes that the reader cannot see yet.
     *
     * @param index the position of the first
     * @param bytes a view of them, valid during the call
     */
    void staged(long index, ByteBuffer bytes);
  }

  // -- the writer's side

  /**
   * Writes as many of the remaining bytes as there is room for.
   *
   * @param src where the bytes come from; its position moves by the result
   * @return how many bytes were taken, 0 if the ring is full or nothing remained; a ring that
   *     cannot get more memory now is full
   */
  public int write(ByteBuffer src) {
    return write(src, null);
  }

  /**
   * Writes as {@link #write(ByteBuffer)} does. A large amount is published part by part, so that
   * the reader copies one part while the next is written.
   *
   * @param progress told of each part but the last; null for a write that is published as a whole
   */
  public int write(ByteBuffer src, Progress progress) {
    long start = tailPlain();
    int room = room(start, src.remaining());
    int copied = 0;
    try {
      while (copied < room) {
        int run = roomInLast(start + copied, room - copied);
        if (run == 0) {
          break;
        }
        if (run > PART_BYTES && progress != null) {
          run = PART_BYTES;
          publishPart(start + copied, src, progress);
        } else {
          last.put(start + copied, src, run);
        }
        copied += run;
      }
    } catch (OutOfMemoryError e) { // of the heap
      if (copied == 0) {
        throw e;
      }
    } finally { // even if the source fails: the bytes taken before are published
      if (copied > 0) {
        setTailRelease(start + copied);
      }
    }
    return copied;
  }

  private void publishPart(long index, ByteBuffer src, Progress progress) {
    last.put(index, src, PART_BYTES);
    setTailRelease(index + PART_BYTES);
    progress.partPublished();
  }

  /**
   * Writes as {@link #write(ByteBuffer)} does, from a source of another kind.
   *
   * @param src where the bytes come from
   * @return how many bytes were taken
   */
  public int write(ByteSource src) {
    return write(src, null);
  }

  /**
   * Writes as above, and shows the bytes before they are published.
   *
   * @param staging receives each stretch of memory that was filled; null for none
   */
  public int write(ByteSource src, Staging staging) {
    long start = tailPlain();
    int room = room(start, (int) Math.min(src.remaining(), capacityBytes));
    int copied = 0;
    try {
      while (copied < room) {
        int run = roomInLast(start + copied, room - copied);
        if (run == 0) {
          break;
        }
        ByteBuffer view = last.viewToPut(start + copied, run);
        int at = view.position();
        try {
          src.transferTo(view);
        } finally { // the bytes taken from a source before it failed are gone from it
          copied += view.position() - at;
          if (staging != null && view.position() > at) {
            staging.staged(
                start + copied - (view.position() - at), view.duplicate().flip().position(at));
          }
        }
      }
    } catch (OutOfMemoryError e) {
      if (copied == 0) {
        throw e;
      }
    } finally {
      if (copied > 0) {
        if (staging != null) {
          staging.publishing(start);
        }
        setTailRelease(start + copied);
      }
    }
    return copied;
  }

  /**
   * Counts bytes as written that will never be read, and discards them: for a ring that its reader
   * has left. Nothing may be read afterwards.
   *
   * @return the number of bytes that there was room for
   */
  public int swallow(int count) {
    long start = tailPlain();
    int room = room(start, count);
    setTailRelease(start + room);
    return room;
  }

  /** How many of the wanted bytes the bound admits; the head is read only if necessary. */
  private int room(long tail, int wanted) {
    long room = capacityBytes - (tail - cachedHead);
    if (room < wanted) {
      cachedHead = headAcquire();
      room = capacityBytes - (tail - cachedHead);
    }
    return (int) Math.min(room, wanted);
  }

  /**
   * How many of the wanted bytes go into the last segment at an index, which grows if necessary; 0
   * if there is no memory for that.
   */
  private int roomInLast(long index, int wanted) {
    int free = freeInLast(index);
    if (free == 0) {
      free = grow(index, wanted) ? freeInLast(index) : growOrStarve(index, wanted);
    }
    return Math.min(free, wanted);
  }

  /**
   * Registers as waiting for memory, and tries once more: some may have been released just before.
   */
  private int growOrStarve(long index, int wanted) {
    starve(index);
    int free = freeInLast(index);
    if (free == 0 && grow(index, wanted)) {
      starved = false;
      free = freeInLast(index);
    }
    return free;
  }

  /**
   * The counterpart is {@link #memoryMayBeThere}, under the same monitor: one of the two comes
   * last.
   */
  private synchronized void starve(long index) {
    Segment full = last;
    resumeIndex =
        full == null ? index + 1 : full.oldest(cachedHead) + ((full.sizeBytes() + 3) >> 2);
    if (full == null && withoutMemorySince == 0) {
      withoutMemorySince = System.nanoTime() | 1;
    }
    if (!starved) {
      boolean told = false;
      starved = true; // before: a waiter that does not wait is dropped
      try {
        pool.tellWhenThereIs(this);
        told = true;
      } finally {
        if (!told) { // no room in the heap: the next write asks again
          starved = false;
        }
      }
    }
  }

  @Override
  public boolean waits() {
    return starved;
  }

  @Override
  public boolean wantsFirstBlock() {
    return last == null;
  }

  @Override
  public void memoryMayBeThere() {
    synchronized (this) {
      starved = false;
    }
    wakeWriter.run();
  }

  /** The free bytes of the last segment for a writer at an index; 0 without a segment. */
  private int freeInLast(long index) {
    Segment segment = last;
    if (segment == null) {
      return 0;
    }
    int free = segment.free(index, cachedHead);
    if (free == 0) {
      cachedHead = headAcquire();
      free = segment.free(index, cachedHead);
    }
    return free;
  }

  /** Links a segment for bytes starting at an index; false if there is no memory. */
  private boolean grow(long index, int wanted) {
    Segment full = last;
    RingMemory memory = full == null ? takeFirst(wanted) : takeMore(full, wanted);
    if (memory == null) {
      return false;
    }
    Segment added = segment(memory, index);
    if (full == null) {
      first = added; // the reader looks only after it has seen the tail that we publish next
    } else {
      full.link(added, index);
    }
    last = added;
    withoutMemorySince = 0;
    return true;
  }

  private RingMemory takeFirst(int wanted) {
    int size = Math.min(bound(), Math.max(firstBytes, ceilingPowerOfTwo(wanted)));
    return pool.take(size, Math.min(size, MemoryPool.SMALLEST_BLOCK_BYTES), true);
  }

  /** Twice as much as before, or four times while that is small, or the wanted size. */
  private RingMemory takeMore(Segment full, int wanted) {
    int factor = full.sizeBytes() < SMALL_SEGMENT_BYTES ? 4 : 2;
    long more = Math.max(SMALL_SEGMENT_BYTES / 4, (long) factor * full.sizeBytes());
    int size = (int) Math.min(bound(), Math.max(more, ceilingPowerOfTwo(wanted)));
    return pool.take(size, Math.min(size, SMALL_SEGMENT_BYTES), false);
  }

  private static Segment segment(RingMemory memory, long index) {
    try {
      return new Segment(memory, index);
    } catch (RuntimeException | Error e) { // of the heap
      memory.release();
      throw e;
    }
  }

  private int bound() {
    return ceilingPowerOfTwo(capacityBytes);
  }

  private static int ceilingPowerOfTwo(int value) {
    return value == 1 ? 1 : Integer.highestOneBit(value - 1) << 1;
  }

  // -- the reader's side

  /**
   * Reads as many bytes as are available and fit.
   *
   * @param dst where the bytes go; its position moves by the result
   * @return how many bytes were read, 0 if the ring is empty or nothing fitted
   */
  public int read(ByteBuffer dst) {
    return read(dst, dst.remaining());
  }

  /**
   * Reads as {@link #read(ByteBuffer)} does, up to a number of bytes.
   *
   * @param dst where the bytes go
   * @param limitBytes the most bytes to read, not above what fits
   * @return how many bytes were read
   */
  public int read(ByteBuffer dst, int limitBytes) {
    long start = headPlain();
    int count = available(start, limitBytes);
    if (count == 0) {
      return 0;
    }
    int copied = 0;
    try {
      while (copied < count) {
        Segment segment = segmentAt(start + copied);
        int run = segment.contiguous(start + copied, count - copied);
        segment.get(start + copied, dst, run);
        copied += run;
      }
    } finally { // even if the target fails: segments behind us may have been released
      setHeadRelease(start + copied);
    }
    return copied;
  }

  /** The first segment at the reader's index, after those that end there have been released. */
  private Segment segmentAt(long index) {
    Segment segment = first;
    while (segment.endsAt(index)) {
      Segment next = segment.next();
      first = next; // before: a release that fails is not repeated, others may have the block
      segment.release(); // the writer has left it for good
      segment = next;
    }
    return segment;
  }

  /**
   * How many bytes are available, up to a number. What the writer did before it published these
   * bytes is visible afterwards.
   *
   * @param limitBytes the largest number to return
   */
  public int readable(int limitBytes) {
    int count = available(headPlain(), limitBytes);
    finds = count == 0 ? 0 : finds + 1;
    return count;
  }

  /**
   * How long a head start the writer should get before the next read, if it writes small amounts
   * faster than they are read. Each read of the tail takes the cache line away from the writer that
   * writes it next; with more bytes per read both sides finish sooner.
   *
   * <p>Called before reads by a reader that may wait. The result grows with each read that found
   * little, up to some microseconds. It is 0 if one of the last reads found nothing, if bytes are
   * known to be available, and for a reader that sends replies, since its peer waits for them. A
   * hint: races are harmless.
   *
   * @param answered how many bytes the reader has sent back so far
   * @return how many times to call {@link Thread#onSpinWait}
   */
  public int headStart(long answered) {
    long index = headPlain();
    if (finds < FINDS_OF_A_STREAM || cachedTail != index) {
      return 0;
    }
    long reads = finds - findsSeen;
    if (answered != answeredSeen) {
      headStart = 0;
    } else if (reads > 0 && (index - headSeen) / reads < ENOUGH_BYTES) {
      headStart = longerHeadStart(reads, (short) ((index - headSeen) / reads));
    } else { // a large read, or a read in between that found nothing
      headStart /= 2;
    }
    findsSeen = finds;
    headSeen = index;
    answeredSeen = answered;
    return headStart;
  }

  /**
   * The next head start after some reads that found little. If they find as little after the
   * longest one as without any, nobody writes meanwhile: the writer may be the same thread.
   */
  private int longerHeadStart(long reads, short foundByEach) {
    if (headStart == 0) {
      readsWithout = (short) (readsWithout - Math.min(reads, readsWithout));
      foundWithout = foundByEach;
      return readsWithout == 0 ? 1 : 0;
    }
    if (headStart == LONGEST_HEAD_START) {
      if (foundByEach <= foundWithout) {
        longestWithout = (short) Math.min(LONGEST_WITHOUT, 2 * longestWithout + FEWEST_WITHOUT);
        readsWithout = longestWithout;
        return 0;
      }
      longestWithout = 0;
    }
    return Math.min(LONGEST_HEAD_START, 2 * headStart + 1);
  }

  /**
   * Copies bytes out without reading them.
   *
   * @param dst where the bytes go, with room for the number
   * @param count how many, not above {@link #readable}
   */
  public void peek(ByteTarget dst, int count) {
    long start = headPlain();
    Segment segment = first;
    int copied = 0;
    while (copied < count) {
      if (segment.endsAt(start + copied)) {
        segment = segment.next();
      } else {
        int run = segment.contiguous(start + copied, count - copied);
        ByteBuffer view = segment.viewToGet(start + copied, run);
        copied += view.remaining();
        dst.transferFrom(view);
      }
    }
  }

  /**
   * Removes bytes without copying them: those that were peeked.
   *
   * @param count how many, not above {@link #readable}
   */
  public void skip(int count) {
    long start = headPlain();
    int skipped = 0;
    while (skipped < count) {
      skipped += segmentAt(start + skipped).contiguous(start + skipped, count - skipped);
    }
    setHeadRelease(start + count);
  }

  private int available(long head, int wanted) {
    long available = cachedTail - head;
    if (available < wanted) {
      cachedTail = tailAcquire();
      available = cachedTail - head;
    }
    return (int) Math.min(available, wanted);
  }

  // -- memory

  /** How much memory the ring holds now; a hint unless both sides are quiet. */
  public long memoryBytes() {
    long sum = 0;
    if (last != null) {
      for (Segment segment = first; segment != null; segment = segment.next()) {
        sum += segment.sizeBytes();
      }
    }
    return sum;
  }

  /** Whether the ring holds memory now; a hint unless both sides are quiet. */
  public boolean hasMemory() {
    return last != null;
  }

  /**
   * Whether the ring has memory, is empty and was not written to since the last call. Called by
   * only one thread; the result is a hint for {@link #releaseIfEmpty()}.
   */
  public boolean idleSinceLastLook() {
    if (last == null) {
      return false;
    }
    long now = tailAcquire();
    boolean idle = now == tailSeen && headAcquire() == now;
    tailSeen = now;
    return idle;
  }

  /**
   * Whether the ring is empty and holds more than an empty ring in use may keep; a hint for {@link
   * #shrinkIfEmpty()}.
   */
  public boolean isLargeAndEmpty() {
    Segment segment = first;
    return segment != null
        && segment.sizeBytes() > SMALL_SEGMENT_BYTES
        && headAcquire() == tailAcquire();
  }

  /**
   * Whether the reader should shrink the ring now: when it is large and empty for the first time,
   * and less and less often if it grows again, as under a stream.
   */
  public boolean mayShrink() {
    if (!isLargeAndEmpty()) {
      return false;
    }
    if (timesToKeep > 0) {
      timesToKeep--;
      return false;
    }
    return true;
  }

  /** Releases all but a small amount of memory if the ring is empty. Both sides must be quiet. */
  public void shrinkIfEmpty() {
    if (isLargeAndEmpty()) {
      release();
      firstBytes = SMALL_SEGMENT_BYTES; // it is in use
      timesKept = (short) Math.min(LONGEST_KEPT, 2 * timesKept + 1);
      timesToKeep = timesKept;
    }
  }

  /** Releases the memory if the ring is empty. Both sides must be quiet. */
  public void releaseIfEmpty() {
    if (headAcquire() == tailAcquire()) {
      release();
      firstBytes = FIRST_SEGMENT_BYTES;
      timesKept = 0;
      timesToKeep = 0;
    }
  }

  /** Releases all memory, and drops unread bytes. Both sides must be quiet. */
  public void release() {
    Segment segment = first;
    first = null;
    last = null;
    starved = false;
    Throwable failure = null;
    while (segment != null) {
      try {
        segment.release();
      } catch (RuntimeException | Error e) { // the others are not forgotten for it
        failure = e;
      }
      segment = segment.next();
    }
    Failures.rethrow(failure);
  }

  // -- memory order

  private long tailPlain() {
    return tail;
  }

  /** Pairs with {@link #setTailRelease} in {@link #write}. */
  private long tailAcquire() {
    return (long) TAIL.getAcquire(this);
  }

  /** Pairs with {@link #tailAcquire} in {@link #available}: the bytes below it are visible. */
  private void setTailRelease(long value) {
    TAIL.setRelease(this, value);
  }

  private long headPlain() {
    return head;
  }

  /** Pairs with {@link #setHeadRelease} in {@link #read}. */
  private long headAcquire() {
    return (long) HEAD.getAcquire(this);
  }

  /** Pairs with {@link #headAcquire} in {@link #room}: the space below it may be reused. */
  private void setHeadRelease(long value) {
    HEAD.setRelease(this, value);
  }
}

/**
 * Fields that only the writer writes, and constants: a constant beside the head would cost the
 * writer accesses to a cache line that the reader keeps writing.
 */
abstract class WriterFields {
  final MemoryPool pool;
  final int capacityBytes;

  long tail;

  /** A head seen earlier: never above the real one, so room is at worst underestimated. */
  long cachedHead;

  /** The segment that is written to; {@code null} without memory. */
  Segment last;

  /** The size of the first segment, unless the first write is larger. */
  int firstBytes = MemoryPool.SMALLEST_BLOCK_BYTES;

  /** Whether there was no memory for more bytes: then the head has to pass the following index. */
  volatile boolean starved;

  long resumeIndex;

  /** When there was first no memory for the first segment; 0 if there was some since. */
  long withoutMemorySince;

  WriterFields(MemoryPool pool, int capacityBytes) {
    this.pool = pool;
    this.capacityBytes = capacityBytes;
  }
}

/**
 * Keeps the reader's cache line apart from the writer's, also from the adjacent-line prefetcher.
 */
@SuppressWarnings("unused")
abstract class Padding extends WriterFields {
  private long p00;
  private long p01;
  private long p02;
  private long p03;
  private long p04;
  private long p05;
  private long p06;
  private long p07;
  private long p08;
  private long p09;
  private long p10;
  private long p11;
  private long p12;
  private long p13;
  private long p14;
  private long p15;

  Padding(MemoryPool pool, int capacityBytes) {
    super(pool, capacityBytes);
  }
}

/** Fields that only the reader writes, except for the very first segment. */
abstract class ReaderFields extends Padding {
  long head;

  /** A tail seen earlier: never above the real one. */
  long cachedTail;

  /** The number of reads since one found nothing. */
  long finds;

  // The state when a head start was last requested, and the result.

  long findsSeen;
  long headSeen;
  long answeredSeen;
  int headStart;

  /** How many bytes a read found when there was none. */
  short foundWithout;

  /** How many reads get none after the last one in vain, and how many of these remain. */
  short longestWithout;

  short readsWithout;

  /**
   * How often a large ring is found empty and kept between two shrinks, and how often that remains.
   */
  short timesKept;

  short timesToKeep;

  /** The segment that is read from; {@code null} without memory. */
  Segment first;

  ReaderFields(MemoryPool pool, int capacityBytes) {
    super(pool, capacityBytes);
  }
}
