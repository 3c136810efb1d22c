package io.nioring.internal.ring;

/** A writer that found no memory and waits until some can be had. Called by any thread. */
public interface MemoryWaiter {
  /** Whether it still waits; otherwise it is forgotten. */
  boolean waits();

  /** Whether it wants the first block of a ring. */
  boolean wantsFirstBlock();

  /** Tells that memory may be had now, or never; called once, without a lock. */
  void memoryMayBeThere();
}
