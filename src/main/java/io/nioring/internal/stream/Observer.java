package io.nioring.internal.stream;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * Receives the events of a network's connections while it is observed; see {@link
 * Wire#addObserver}. The data they carry is reported to the {@link Tap}s that an observer adds.
 *
 * <p>Called by any threads, concurrently. None but {@link #networkClosed} may wait for I/O, take a
 * lock of a connection or of a listener, or throw.
 */
public interface Observer {
  /** The outcome of a connect. */
  enum Outcome {
    /** Over a ring: the two ends are joined. */
    CONNECTED,
    /** Connected through the kernel. */
    KERNEL,
    /** There was no listener, or the kernel failed. */
    REFUSED,
    /** The timeout elapsed. */
    TIMED_OUT,
    /** The socket was closed before the decision. */
    CLOSED
  }

  /**
   * A program starts a connect; called by its thread.
   *
   * @param remote the address that it asked for
   * @return an object that is passed to {@link #connectEnded}, or null
   */
  default Object connecting(SocketAddress remote) {
    return null;
  }

  /**
   * A connect has ended and its program knows it; called by the program's thread.
   *
   * @param attempt the result of {@link #connecting}; null, or an object of other observers, if the
   *     connect was started before observers were added or removed
   * @param end the connecting end: connected if the outcome is
   * @param remote the address that it asked for
   * @param outcome the outcome
   */
  default void connectEnded(Object attempt, Endpoint end, SocketAddress remote, Outcome outcome) {}

  /**
   * A pair was joined: taps added by {@link Endpoint#addTap} now miss nothing. Called before either
   * end is used, possibly with a listener's lock held.
   *
   * @param client the end that connected
   * @param server the end that will be accepted; the client's again if that connects to itself
   */
  default void connected(Endpoint client, Endpoint server) {}

  /**
   * A connect over rings was refused.
   *
   * @param client the address of the end that tried to connect; null if it has none
   * @param server the address that it asked for
   * @param reason the exception that the client gets
   */
  default void refused(SocketAddress client, SocketAddress server, IOException reason) {}

  /**
   * A connection was accepted; called by the accepting thread, with the accept lock held.
   *
   * @param server the accepted end
   * @param backlog how many connections still wait
   */
  default void accepted(Endpoint server, int backlog) {}

  /**
   * A connect met a listener whose queue is full, with the listener's lock held.
   *
   * @param listener the address that was asked for
   * @param backlog how many connections are in the queue
   */
  default void backlogFull(SocketAddress listener, int backlog) {}

  /**
   * A fault was deliberately caused, or removed, by a simulation; possibly with the simulation's
   * locks held.
   *
   * @param fault the fault
   * @param client the connecting end of the affected connection; null if it does not concern a
   *     single one
   * @param offset the position in the direction concerned, in bytes; 0 if not applicable
   * @param seed the seed of the faults' random choices
   */
  default void fault(String fault, Endpoint client, long offset, long seed) {}

  /**
   * A datagram over rings is about to be sent; called before anyone can receive it.
   *
   * @param from its source
   * @param to its destination, one socket or many
   * @param payload the payload, which is not to be changed; valid during the call
   */
  default void datagramSent(InetSocketAddress from, InetSocketAddress to, byte[] payload) {}

  /**
   * A datagram is about to arrive at a host of a simulation; with the simulation's locks held.
   *
   * @param host the host's name
   * @param from its source
   * @param to its destination, one socket or many
   * @param payload the payload, which is not to be changed; valid during the call
   */
  default void datagramArriving(
      String host, InetSocketAddress from, InetSocketAddress to, byte[] payload) {}

  /**
   * The network was closed, and all of its channels are; called by the thread that closes it,
   * without a lock. Unlike the methods above this one may wait, and it may be called again.
   */
  default void networkClosed() {}
}
