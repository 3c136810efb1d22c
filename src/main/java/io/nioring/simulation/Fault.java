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
}
