package io.nioring.simulation;

import java.util.function.LongUnaryOperator;

/**
 * The slice that a reader, or a writer, is in. Used by one thread at a time.
 *
 * <p>Slices follow one another from where the first was asked for, so that their places depend on
 * the stream alone.
 */
final class SliceCursor {
  private final LongUnaryOperator bits;
  private Slices slices;
  private long number;
  private long end;

  /**
   * Makes one.
   *
   * @param bits the random bits for the slice of a number
   */
  SliceCursor(LongUnaryOperator bits) {
    this.bits = bits;
  }

  /** How many of the wanted bytes lie in the slice of an offset. */
  int bounded(Slices present, long offset, int wanted) {
    if (!present.equals(slices)) {
      slices = present;
      end = offset;
    }
    while (end <= offset) {
      end += present.sizeOf(bits.applyAsLong(number++));
    }
    return (int) Math.min(wanted, end - offset);
  }

  /** Whether a slice ends right here. */
  boolean isAtEnd(long offset) {
    return slices != null && end == offset;
  }
}
