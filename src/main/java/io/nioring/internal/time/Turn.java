package io.nioring.internal.time;

/**
 * A lock whose holder may wait by a clock, so that others queue for it meanwhile.
 *
 * <p>Taken through {@link Clock#lock}: a clock that counts the waiting threads also counts those
 * that queue for the lock.
 */
public interface Turn {
  /** Takes the lock, waiting for it as long as it takes. */
  void lock();

  /**
   * Takes the lock, waiting for it until a time is over.
   *
   * @param nanos the longest time to wait by the system's clock
   * @return whether the lock is taken
   * @throws InterruptedException if the thread is interrupted
   */
  boolean tryLock(long nanos) throws InterruptedException;

  /** Takes the lock if nobody else has it. */
  boolean tryLock();

  /** Whether a thread holds the lock. */
  boolean isLocked();
}
