package io.nioring.simulation;

/**
 * Something that was done to a simulated network, and can be taken back.
 *
 * <p>Closing it heals it: what it kept waiting goes on, and nothing of it is left; connections that
 * it has ended stay ended. Further calls do nothing. Safe for use by many threads.
 */
public interface Fault extends AutoCloseable {
  /** Takes the fault back. */
  @Override
  void close();

  /** {@return whether it has not been taken back} */
  boolean isActive();
}
