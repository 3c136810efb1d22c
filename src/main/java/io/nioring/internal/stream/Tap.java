package io.nioring.internal.stream;

import java.nio.ByteBuffer;

/**
 * Receives the events of one direction of a connection while it is observed.
 *
 * <p>A tap is added to a {@link Direction} when the connection is made, by an {@link Observer}, or
 * at any later time, and can be removed again; see {@link Endpoint#addTap}. Earlier events are not
 * reported. A connection has two taps, one per direction, each of which knows its connection: the
 * calls do not name it.
 *
 * <h2>Threads</h2>
 *
 * The writing end calls it under its write lock, the reading end under its read lock: each side one
 * thread at a time, both sides concurrently. {@link #inputShut}, {@link #reset}, {@link #closed}
 * and {@link #abandoned} are called at any time, by any thread, with or without these locks.
 * Nothing here may wait for another thread's I/O, take a lock of a connection, or throw.
 *
 * <p>Positions count the bytes of the direction since the connection was made.
 */
public interface Tap {
  /**
   * The owner of the tap: a direction has at most one per owner.
   *
   * @return compared by identity
   */
  Object owner();

  /** The result of an operation that failed. */
  int FAILED = -2;

  /** The writing end starts a write, which may wait. */
  default void beginWrite() {}

  /** The writing end has found no room for all of its bytes, and is about to wait for some. */
  default void awaitRoom() {}

  /** Whether {@link #sending} is to be called; constant. */
  default boolean wantsBytes() {
    return false;
  }

  /**
   * Bytes are about to be published: the reading end cannot see them before this returns. A write
   * calls it once for each stretch of ring memory that it has filled, if {@link #wantsBytes}.
   *
   * @param position the position of the first byte
   * @param bytes a view of them, valid during the call
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
   * @param position how many bytes were written so far, including this write
   * @param result the bytes taken, or {@link #FAILED}, even if some were taken before
   * @param free how many more there is room for
   */
  default void endWrite(long position, long result, int free) {}

  /** The reading end starts a read, which may wait. */
  default void beginRead() {}

  /** The reading end has found no bytes, and is about to wait for some. */
  default void awaitBytes() {}

  /**
   * The reading end ends a read. Called before a waiting writer is woken, and after the room is
   * free: a writer that polls may act before this call.
   *
   * @param position how many bytes were read so far, including this read
   * @param result the bytes read, 0, -1 at the end of the stream, or {@link #FAILED}
   * @param unread how many bytes can be read now
   * @param free how many more there is room for
   * @param timeoutMillis how long the read would have waited; 0 without a limit
   */
  default void endRead(long position, int result, int unread, int free, int timeoutMillis) {}

  /**
   * Bytes arrive: the reading end cannot see those below the position before this returns. Called
   * only for a direction whose bytes take time, as in a simulation, and for all of its bytes; with
   * the simulation's locks held.
   *
   * @param position the position after the last byte that arrives
   */
  default void arriving(long position) {}

  /** The end of the stream arrives at the reading end; as {@link #arriving}. */
  default void finishArriving() {}

  /**
   * The writing end sends a reset, which may arrive later, reported by {@link #reset}, or never; as
   * {@link #arriving}.
   *
   * @param position how many bytes were written
   */
  default void resetting(long position) {}

  /**
   * The writing end learns again what is read, after a time without acknowledgements; see {@link
   * Endpoint#hearsReads}. As {@link #arriving}.
   */
  default void heard() {}

  /** The reading end has shut its input, which is not reported to its peer. */
  default void inputShut() {}

  /**
   * The writing end sends no more: TCP's FIN, after the last byte. May be called again without
   * further meaning.
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
   * The writing end was closed. What its peer sees of that was reported by {@link #finished} or
   * {@link #reset} before, or will be by a write in progress. Called once.
   *
   * @param end the end that was closed, with its totals of bytes read, written and left unread
   * @param how how it was closed
   */
  default void closed(Endpoint end, Closing how) {}

  /** The writing end's channel was dropped without close; to its peer it stays open. */
  default void abandoned(Endpoint end) {}
}
