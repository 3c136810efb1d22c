package io.nioring.internal.poll;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * A sum that many threads add to, also without memory: a {@link LongAdder} whose threads meet makes
 * room for each, and adds nothing if there is none. Thread-safe.
 */
public final class Sum {
  private final LongAdder spread = new LongAdder();

  /** What could not be added to the other. */
  private final AtomicLong rest = new AtomicLong();

  /** Adds a number, which may be negative; never throws. */
  public void add(long number) {
    try {
      spread.add(number);
    } catch (VirtualMachineError | LinkageError e) {
      rest.addAndGet(number);
    }
  }

  /** The sum, exact while no thread adds to it. */
  public long value() {
    return spread.sum() + rest.get();
  }
}
