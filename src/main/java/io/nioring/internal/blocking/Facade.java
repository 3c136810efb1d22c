package io.nioring.internal.blocking;

import java.io.IOException;
import java.nio.channels.Channel;

/**
 * What a program holds for a socket, as the socket sees it: how its operations wait, and what an
 * interrupt does to them.
 *
 * <p>A socket is handed its facade with each operation and does not keep it: a facade that is
 * dropped must be found out. Facades are of unrelated classes of the JDK, and differ in this: a
 * channel is closed by an interrupt, a {@code java.net.Socket} on a platform thread is not.
 */
public interface Facade extends Channel {
  /** Whether operations wait. */
  boolean isBlocking();

  /**
   * Begins a part of an operation that may wait; the socket calls {@link #endWait} once, in any
   * case. Called again if something else has taken the facade's place as what an interrupt ends.
   */
  void beginWait();

  /**
   * Ends what {@link #beginWait} began.
   *
   * @param completed whether the operation has a result
   * @throws IOException if the socket was closed meanwhile, or by an interrupt
   */
  void endWait(boolean completed) throws IOException;

  /**
   * A monitor that callers may hold in an operation, and that is let go while the operation sleeps;
   * null if there is none.
   */
  default Object monitor() {
    return null;
  }

  /**
   * Whether reads fail again and again once one has reported a reset, as those of the platform's
   * socket channels do; otherwise the next gives the end, as read(2) does.
   */
  default boolean remembersReset() {
    return true;
  }

  /**
   * Called by an operation that may wait, before it does anything, on a thread that is interrupted:
   * by default that closes the facade, as channels do.
   *
   * @throws IOException if the operation fails for that
   */
  default void beginInterrupted() throws IOException {
    beginWait();
    endWait(false); // throws ClosedByInterruptException
  }

  /**
   * Called in a wait that an interrupt ended while the socket is open. One that goes on waiting has
   * to take the interrupt away, or the next wait ends at once; {@link #endWait} gives it back.
   *
   * @throws IOException if the operation fails for that
   */
  default void interruptedInWait() throws IOException {}
}
