package io.nioring.internal.stream;

import java.nio.ByteBuffer;

/**
 * Receives what happens to one direction of a connection while it is observed.
 *
 * <p>A tap is put on a {@link Direction} when the connection is made, by an {@link Observer}, or at
 * any later time, and taken off again; see {@link Endpoint#addTap}. What had happened before is not
 * told. A connection has two taps, one a direction, each of which knows its connection: none of the
 * calls names it.
 *
 * <h2>Threads</h2>
 *
 * The calls of the writing end come under its write lock, those of the reading end under its read
 * lock: each side by one thread at a time, both sides at once. {@link #inputShut}, {@link #reset},
 * {@link #closed} and {@link #abandoned} come at any time, from any thread, with or without these
 * locks. Nothing here may wait for another thread's I/O, take a lock of a connection, or throw.
 *
 * <p>Positions count the bytes of the direction since the connection was made.
 */
public interface Tap {
  /**
   * Whose tap it is: a direction has one of each owner's at most.
   *
   * @return compared by identity
   */
  Object owner();

  /** The result of an operation that failed. */
  int FAILED = -2;

  /** The writing end begins a write, which may wait. */
  default void beginWrite() {}

  /** The writing end has found no room for all of its bytes, and is about to wait for some. */
  default void awaitRoom() {}

  /** Whether {@link #sending} is to be called; always the same. */
  default boolean wantsBytes() {
    return false;
  }

  /**
   * Bytes are about to be published: the reading end cannot see them before this returns. A write
   * calls it once for each stretch of ring memory that it has filled, if {@link #wantsBytes}.
   *
   * @param position that of the first byte
   * @param bytes a view of them, good for the time of the call
   */
  default void sending(long position, ByteBuffer bytes) {}

  /**
   * The writing end has sent rights (SCM_RIGHTS), whose bytes come next.
   *
   * @param count how many
   */
  default void sendingRights(int count) {}

  /**
   * The writing end ends a write.
   *
   * @param position how many bytes were written so far, with this write's
   * @param result the bytes taken, or {@link #FAILED}, also if some were taken before
   * @param free how many more there is room for
   */
  default void endWrite(long position, long result, int free) {}

  /** The reading end begins a read, which may wait. */
  default void beginRead() {}

  /** The reading end has found no bytes, and is about to wait for some. */
  default void awaitBytes() {}

  /**
   * The reading end ends a read. This is called before a waiting writer is woken, and after the
   * room is free: a writer that looks by itself may be faster.
   *
   * @param position how many bytes were read so far, with this read's
   * @param result the bytes read, 0, -1 at the end of the stream, or {@link #FAILED}
   * @param unread how many bytes are there now
   * @param free how many more there is room for
   * @param timeoutMillis how long the read would have waited; 0 without a limit
   */
  default void endRead(long position, int result, int unread, int free, int timeoutMillis) {}

  /**
   * Bytes arrive: the reading end cannot see those below the position before this returns. Told of
   * a direction whose bytes take time alone, as a simulation has them, and of each of its bytes;
   * with the locks of that held.
   *
   * @param position behind the last byte that arrives
   */
  default void arriving(long position) {}

  /** The end of the stream arrives at the reading end; as {@link #arriving}. */
  default void finishArriving() {}

  /**
   * The writing end sends a reset, which may arrive later, when {@link #reset} tells it, or never;
   * as {@link #arriving}.
   *
   * @param position how many bytes were written
   */
  default void resetting(long position) {}

  /**
   * The writing end learns again what is read, which it did not for a time; see {@link
   * Endpoint#hearsReads}. As {@link #arriving}.
   */
  default void heard() {}

  /** The reading end has shut its input, which its peer is not told of. */
  default void inputShut() {}

  /**
   * The writing end sends no more: TCP's FIN, behind the last byte. May be called again, which says
   * nothing new.
   *
   * @param position how many bytes were written
   */
  default void finished(long position) {}

  /**
   * The writing end has reset the reading end: TCP's RST. Called once.
   *
   * @param position how many bytes were written
   */
  default void reset(long position) {}

  /**
   * The writing end was closed, and what its peer sees of that was reported by {@link #finished} or
   * {@link #reset} before, unless a write is inside, which then tells it. Called once.
   *
   * @param end the end that was closed: what it had read, written and left unread are its sums
   * @param how how it was closed
   */
  default void closed(Endpoint end, Closing how) {}

  /** The writing end's channel was dropped without close; to its peer it stays open. */
  default void abandoned(Endpoint end) {}
}
