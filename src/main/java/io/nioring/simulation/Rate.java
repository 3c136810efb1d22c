package io.nioring.simulation;

/**
 * Determines when bytes that share a bandwidth leave, first come, first served. It counts from the
 * beginning of each busy time, so that rounding does not add up. Guarded by the world's lock.
 */
final class Rate {
  /** How fine bytes arrive: about this part of a second for each piece. */
  private static final long PIECES_PER_SECOND = 100;

  private final Bandwidth bandwidth;
  private long busySince;
  private long busyUntil;
  private long bytes;

  Rate(Bandwidth bandwidth) {
    this.bandwidth = bandwidth;
  }

  Bandwidth bandwidth() {
    return bandwidth;
  }

  /** In how large pieces bytes should be sent. */
  int pieceBytes(int most) {
    long nanos = bandwidth.nanosFor(most);
    long tooLong = nanos * PIECES_PER_SECOND / 1_000_000_000L;
    return tooLong <= 1 ? most : (int) Math.max(1, most / tooLong);
  }

  /**
   * Takes bytes.
   *
   * @return when the last of them has left
   */
  long send(long now, long count) {
    if (now >= busyUntil) {
      busySince = now;
      bytes = 0;
    }
    bytes += count;
    busyUntil = busySince + bandwidth.nanosFor(bytes);
    return busyUntil;
  }
}
