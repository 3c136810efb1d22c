package io.nioring.simulation;

import java.util.function.LongUnaryOperator;

/** Computes when each byte arrives, one by one and from the rules alone. */
final class Oracle {
  private final long bytesPerSecond;
  private final int piece;
  private final int segment;
  private final LongUnaryOperator lateness;
  private long busySince;
  private long busyUntil;
  private long busyBytes;
  private long latest;
  private long offset;

  /**
   * Makes one.
   *
   * @param bytesPerSecond the bandwidth, 0 for none
   * @param piece the bytes that leave together
   * @param segment the bytes that share a draw
   * @param lateness how late a segment is
   */
  Oracle(long bytesPerSecond, int piece, int segment, LongUnaryOperator lateness) {
    this.bytesPerSecond = bytesPerSecond;
    this.piece = piece;
    this.segment = segment;
    this.lateness = lateness;
  }

  /**
   * Makes one that goes on under other rules, with a bandwidth that has carried nothing yet.
   *
   * @param before what it goes on from; null for nothing
   */
  Oracle(long bytesPerSecond, int piece, int segment, LongUnaryOperator lateness, Oracle before) {
    this(bytesPerSecond, piece, segment, lateness);
    if (before != null) {
      latest = before.latest;
      offset = before.offset;
    }
  }

  /** The arrivals of so many bytes that are written at a time. */
  long[] write(long now, int count) {
    long[] arrivals = new long[count];
    int done = 0;
    while (done < count) {
      int together = 1;
      while (done + together < count
          && (offset + together) % piece != 0
          && (offset + together) % segment != 0) {
        together++;
      }
      latest = Math.max(latest, left(now, together) + lateness.applyAsLong(offset / segment));
      for (int i = 0; i < together; i++) {
        arrivals[done++] = latest;
      }
      offset += together;
    }
    return arrivals;
  }

  private long left(long now, int count) {
    if (bytesPerSecond == 0) {
      return now;
    }
    if (now >= busyUntil) {
      busySince = now;
      busyBytes = 0;
    }
    busyBytes += count;
    busyUntil =
        busySince
            + java.math.BigInteger.valueOf(busyBytes)
                .multiply(java.math.BigInteger.valueOf(1_000_000_000L))
                .add(java.math.BigInteger.valueOf(bytesPerSecond - 1))
                .divide(java.math.BigInteger.valueOf(bytesPerSecond))
                .longValueExact();
    return busyUntil;
  }
}
