package io.nioring.internal.ring;

import io.nioring.internal.copy.MappedPages;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

/**
 * One link of a {@link ByteRing}'s chain: a block of memory used as a ring starting at an index.
 *
 * <p>The writer puts and links, the reader gets and releases; the ring decides what may be accessed
 * when.
 */
final class Segment {
  /** No handle, whose first call takes memory: a ring that is released must not lose its chain. */
  private static final AtomicReferenceFieldUpdater<Segment, Segment> NEXT =
      AtomicReferenceFieldUpdater.newUpdater(Segment.class, Segment.class, "next");

  private final RingMemory memory;
  private final ByteBuffer bytes;
  private final int mask;

  /** The ring's index of this segment's first byte. */
  private final long base;

  /** The ring's index after this segment's last byte; valid once {@link #next} is set. */
  private long end;

  /** The same bytes with the writer's position and limit; made when first needed. */
  private ByteBuffer writerView;

  /** The same bytes, read-only, with the reader's position and limit; made when first needed. */
  private ByteBuffer readerView;

  private volatile Segment next;

  Segment(RingMemory memory, long base) {
    this.memory = memory;
    this.bytes = memory.bytes();
    this.mask = memory.sizeBytes() - 1;
    this.base = base;
  }

  int sizeBytes() {
    return mask + 1;
  }

  /** The ring's index of the first byte that is not free, for a head in any segment. */
  long oldest(long head) {
    return head - base > 0 ? head : base;
  }

  /** The free bytes for a writer at an index, for a head that may be in an earlier segment. */
  int free(long index, long head) {
    return sizeBytes() - (int) (index - oldest(head));
  }

  void put(long index, ByteBuffer src, int count) {
    int position = src.position();
    int at = (int) (index - base) & mask;
    int upToEdge = Math.min(count, sizeBytes() - at);
    bytes.put(at, src, position, upToEdge);
    if (upToEdge < count) {
      bytes.put(0, src, position + upToEdge, count - upToEdge);
    }
    if (src instanceof MappedByteBuffer mapped) {
      MappedPages.ensureCopied(mapped, position, count);
    }
    src.position(position + count);
  }

  void get(long index, ByteBuffer dst, int count) {
    int position = dst.position();
    int at = (int) (index - base) & mask;
    int upToEdge = Math.min(count, sizeBytes() - at);
    dst.put(position, bytes, at, upToEdge);
    if (upToEdge < count) {
      dst.put(position + upToEdge, bytes, 0, count - upToEdge);
    }
    if (dst instanceof MappedByteBuffer mapped) {
      MappedPages.ensureCopied(mapped, position, count);
    }
    dst.position(position + count);
  }

  /** A view of bytes to fill, up to the edge of the segment at most. */
  ByteBuffer viewToPut(long index, int count) {
    if (writerView == null) {
      writerView = bytes.duplicate();
    }
    return window(writerView, index, count);
  }

  /** A view of bytes to copy out, up to the edge of the segment at most. */
  ByteBuffer viewToGet(long index, int count) {
    if (readerView == null) {
      readerView = bytes.asReadOnlyBuffer();
    }
    return window(readerView, index, count);
  }

  private ByteBuffer window(ByteBuffer view, long index, int count) {
    int at = (int) (index - base) & mask;
    return view.limit(at + Math.min(count, sizeBytes() - at)).position(at);
  }

  /** How many of the wanted bytes starting at an index are in this segment. */
  int contiguous(long index, int wanted) {
    return next() == null ? wanted : (int) Math.min(wanted, end - index);
  }

  /** Whether the chain continues at an index in the next segment. */
  boolean endsAt(long index) {
    return next() != null && end == index;
  }

  /** Pairs with {@link #link}: a thread that sees the next segment sees this one's end. */
  Segment next() {
    return next;
  }

  /** Ends this segment at an index, where the next one begins. */
  void link(Segment following, long index) {
    end = index;
    NEXT.lazySet(this, following);
  }

  void release() {
    memory.release();
  }
}
