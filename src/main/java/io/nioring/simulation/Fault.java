package io.nioring.simulation;

/**
 * Something that was done to a simulated network, and can be taken back.
 *
 * <p>Closing it heals it: what it kept waiting goes on, and it has no further effect; connections
 * that it has ended stay ended. Further calls have no effect. Safe for use by many threads.
 */
public interface Fault extends AutoCloseable {
  /** Takes the fault back. */
  @Override
  void close();

  /** {@return whether it has not been taken back} */
  boolean isActive();

  /**
   * Returns how often it has fired: on how many connects, connections, accepts and datagrams it has
   * had an effect. Each counts once.
   *
   * <p>A fault of a {@link FaultBuilder} fires when it decides a connect, fails an accept, ends or
   * silences a connection, or loses a datagram. One that changes conditions alone, as latency or
   * slices, fires on each connect, connection and datagram that it applies to. A partition, and
   * what is like it, fires on what it stops: connects, bytes, ends of streams, datagrams.
   *
   * @return the number; 0 if it has had no effect, as a reset after more bytes than were sent
   */
  long timesFired();
}
