package io.nioring.internal.blocking;

import java.io.IOException;
import java.nio.channels.Channel;

/**
 * The object through which a program uses a socket, as the socket sees it: how its operations wait,
 * and what an interrupt does to them.
 *
 * <p>A socket is handed its facade with each operation and does not keep it: a facade that is
 * dropped must be detected. Facades extend unrelated classes of the JDK, and differ in one respect:
 * a channel is closed by an interrupt, a {@code java.net.Socket} on a platform thread is not.
 */
public interface Facade extends Channel {
  /** Whether operations wait. */
  boolean isBlocking();

  /**
   * Begins a part of an operation that may wait; the socket then calls {@link #endWait} exactly
   * once. Called again if something else has replaced the facade as the target of an interrupt.
   */
  void beginWait();

  /**
   * Ends what {@link #beginWait} began.
   *
   * @param completed whether the operation produced a result
   * @throws IOException if the socket was closed meanwhile, or by an interrupt
   */
  void endWait(boolean completed) throws IOException;

  /**
   * A monitor that callers may hold in an operation, and that is released while the operation
   * sleeps; null if there is none.
   */
  default Object monitor() {
    return null;
  }

  /**
   * Whether all reads fail once one has reported a reset, as those of the platform's socket
   * channels do; otherwise the next one returns the end of the stream, as read(2) does.
   */
  default boolean remembersReset() {
    return true;
  }

  /** Whether a write that waits for room can be reset: that of a socket, but not of a pipe. */
  default boolean canBeReset() {
    return true;
  }

  /**
   * Called by an operation that may wait, before it does anything, on a thread that is interrupted:
   * by default that closes the facade, as channels do.
   *
   * @throws IOException if that makes the operation fail
   */
  default void beginInterrupted() throws IOException {
    beginWait();
    endWait(false); // throws ClosedByInterruptException
  }

  /**
   * Called when an interrupt has ended a wait while the socket is open. A facade that goes on
   * waiting has to clear the interrupt status, or the next wait ends at once; {@link #endWait}
   * restores it.
   *
   * @throws IOException if that makes the operation fail
   */
  default void interruptedInWait() throws IOException {}
}
