package io.nioring.internal.stream;

import java.io.IOException;
import java.net.SocketAddress;

/**
 * Receives what happens to the connections of a network while it is observed; see {@link
 * Wire#addObserver}. What they carry is reported to the {@link Tap}s that an observer puts on.
 *
 * <p>Called by any threads at once. Nothing here may wait for I/O, take a lock of a connection or
 * of a listener, or throw.
 */
public interface Observer {
  /** How a connect ended. */
  enum Outcome {
    /** Over a ring: the two ends are joined. */
    CONNECTED,
    /** The kernel was asked, and has connected. */
    KERNEL,
    /** Nobody listened, or the kernel has failed. */
    REFUSED,
    /** The time was over. */
    TIMED_OUT,
    /** It was closed before the decision. */
    CLOSED
  }

  /**
   * A program begins a connect; called by its thread.
   *
   * @param remote the address that it asked for
   * @return what {@link #connectEnded} is given; null for nothing
   */
  default Object connecting(SocketAddress remote) {
    return null;
  }

  /**
   * A connect has ended, and its program knows; called by the thread of it.
   *
   * @param attempt what {@link #connecting} gave; null, or an object of others, if it was begun
   *     before observers came or went
   * @param end the connecting end: connected if the outcome is
   * @param remote the address that it asked for
   * @param outcome how
   */
  default void connectEnded(Object attempt, Endpoint end, SocketAddress remote, Outcome outcome) {}

  /**
   * A pair was joined: taps that are put on by {@link Endpoint#addTap} now miss nothing. Called
   * before either end is used, possibly with a listener's lock held.
   *
   * @param client the end that connected
   * @param server the end that will be accepted; the client's again if that connects to itself
   */
  default void connected(Endpoint client, Endpoint server) {}

  /**
   * A connect over rings was refused.
   *
   * @param client the name of the end that wished to connect; null if it has none
   * @param server the address that it asked for
   * @param reason the exception that the client gets
   */
  default void refused(SocketAddress client, SocketAddress server, IOException reason) {}

  /**
   * A connection was handed out by accept; called by its thread, with the accept lock held.
   *
   * @param server the accepted end
   * @param backlog how many connections still wait
   */
  default void accepted(Endpoint server, int backlog) {}

  /**
   * A connect met a listener whose queue is full, with the listener's lock held.
   *
   * @param listener the address that was asked for
   * @param backlog how many wait in the queue
   */
  default void backlogFull(SocketAddress listener, int backlog) {}

  /**
   * Something was done to the network on purpose, or taken back, by whatever simulates faults;
   * possibly with the locks of that held.
   *
   * @param fault what
   * @param client the connecting end of the connection that it was done to; null if it is about no
   *     single one
   * @param offset after how many bytes of the direction in question; 0 if that does not matter
   * @param seed what the random choices of the faults depend on
   */
  default void fault(String fault, Endpoint client, long offset, long seed) {}
}
