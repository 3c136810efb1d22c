package io.nioring.internal.stream;

import io.nioring.internal.poll.Readiness;
import java.io.IOException;

/**
 * TCP, as on Linux's loopback interface.
 *
 * <p>The ends exchange a FIN (nothing more will be sent) or a RST (the connection is over) and
 * nothing else: a peer that shuts its input is not seen, and one that has closed shows only as a
 * FIN. Bytes that reach an end that has closed, or that has shut both sides, are taken from their
 * writer and answered by a RST.
 *
 * <pre>{@code
 * the end that gets a RST    its next read (after the data)   its next write               then
 *  had no FIN                 "Connection reset"               "Connection reset by peer"   -1, "Broken pipe"
 *  had a FIN                  -1                               "Broken pipe"                -1, "Broken pipe"
 * }</pre>
 *
 * A connection with a FIN from each end is over: no end is reset any more.
 */
final class TcpProtocol extends StreamProtocol {
  static final TcpProtocol INSTANCE = new TcpProtocol();

  private TcpProtocol() {}

  @Override
  boolean admitsToShut(Direction in, Direction out) {
    return !in.isAborted()
        && !out.isFinished() // shut by this end
        && answersWithReset(in, out);
  }

  @Override
  IOException failure(Direction in) {
    return in.takeReset() ? in.writeResetException() : new IOException("Broken pipe");
  }

  /** The write decides then: see {@link #admitsToShut}. */
  @Override
  boolean isUndecided(Direction in, Direction out) {
    return false;
  }

  /** A write that cannot report the reset leaves it to the next operation. */
  @Override
  boolean endsByReset(Direction in, Direction out, boolean more) {
    return more && (in.isReset() || (out.isReaderGone() && out.available() > 0));
  }

  /**
   * Resets this end as the peer's answer to bytes that will not be read.
   *
   * <p>The peer may be inside its close, having announced that it reads no more, but not yet how
   * its own direction ends. That depends on whether it leaves bytes unread, both there and here:
   * with the write lock held none are added, so that if there are none now the peer finds none.
   *
   * @return whether the bytes were taken; otherwise the peer left earlier bytes unread, and this
   *     end was reset before these
   */
  private static boolean answersWithReset(Direction in, Direction out) {
    if (!out.isReaderGone()) { // the peer has shut both sides
      out.abort();
      in.abort();
      return true;
    }
    boolean unread = out.available() > 0;
    if (!unread) {
      in.finish();
    }
    in.abort();
    return !unread;
  }

  @Override
  int endBits(Direction in, Direction out) {
    int bits = Readiness.IN | Readiness.RDHUP;
    if (in.isAborted() || out.isFinished()) {
      bits |= Readiness.HUP | Readiness.OUT;
    }
    return in.isReset() ? bits | Readiness.ERR : bits;
  }

  @Override
  void shutInput(Direction in, Direction out) {
    in.shutInput();
    if (out.isFinished()) {
      in.stop(); // see shutOutput
    }
  }

  /** Each of the two shutdowns sets its own bit first: the later one sees the other's. */
  @Override
  void shutOutput(Direction in, Direction out) {
    out.shut();
    if (in.isInputShut()) {
      in.stop();
    }
  }

  @Override
  boolean inputEndsWithShut() {
    return false;
  }

  /**
   * An explicit reset is published before this end announces that it reads no more, since a write
   * of the peer that sees the announcement is treated as a later one. Whether bytes are left unread
   * is known only afterwards.
   */
  @Override
  boolean close(Direction in, Direction out, Closing how, boolean leavesIn, boolean leavesOut) {
    boolean over = in.isAborted() || (in.isFinished() && out.isFinished());
    boolean peerGone;
    if (how == Closing.RESET && !over) {
      try {
        peerGone = out.closeWriter(true, leavesOut);
      } finally {
        in.closeReader(leavesIn);
      }
      return peerGone;
    }
    if (how == Closing.OUTPUT_FIRST) {
      out.finish();
    }
    try {
      in.closeReader(leavesIn); // a full fence: see Endpoint.write
    } finally { // whatever the release of memory has thrown, the peer is told
      peerGone = out.closeWriter(!over && in.available() > 0, leavesOut);
    }
    return peerGone;
  }
}
