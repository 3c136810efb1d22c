package io.nioring.internal.ring;

/** A writer that found no memory and waits until some is available. Called by any thread. */
public interface MemoryWaiter {
  /** Whether it still waits; otherwise it is dropped. */
  boolean waits();

  /** Whether it needs the first block of a ring. */
  boolean wantsFirstBlock();

  /** Reports that memory may be available now, or never will be; called once, without a lock. */
  void memoryMayBeThere();
}
