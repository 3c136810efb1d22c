package io.nioring.internal.stream;

import io.nioring.internal.poll.Readiness;
import java.io.IOException;

/**
 * Unix stream sockets: a direction that was shut by either of its ends takes no more bytes. Also
 * used for pipes.
 */
final class UnixProtocol extends StreamProtocol {
  static final UnixProtocol INSTANCE = new UnixProtocol();

  private UnixProtocol() {}

  @Override
  boolean admitsToShut(Direction in, Direction out) {
    return false;
  }

  /** A reset that is pending is left to reads, and to writes that wait for room. */
  @Override
  IOException failure(Direction in) {
    return new IOException("Broken pipe");
  }

  @Override
  boolean isUndecided(Direction in, Direction out) {
    return out.isReaderGone() && !in.isShut(); // see close
  }

  /**
   * The write takes the reset, even if it cannot report it: the kernel checks a write for the
   * shutdown when it begins, but for an error of the socket each time before it allocates a buffer.
   */
  @Override
  boolean endsByReset(Direction in, Direction out, boolean more) {
    return in.takeReset();
  }

  @Override
  int endBits(Direction in, Direction out) {
    int bits = Readiness.IN | Readiness.RDHUP;
    if (out.isShut()) {
      bits |= Readiness.HUP | Readiness.OUT;
    }
    return in.isReset() ? bits | Readiness.ERR : bits;
  }

  @Override
  void shutInput(Direction in, Direction out) {
    in.shut();
  }

  @Override
  void shutOutput(Direction in, Direction out) {
    out.shut();
  }

  @Override
  boolean inputEndsWithShut() {
    return true;
  }

  @Override
  boolean close(Direction in, Direction out, Closing how, boolean leavesIn, boolean leavesOut) {
    boolean peerGone;
    try {
      in.closeReader(leavesIn); // a full fence: see Endpoint.write
    } finally { // whatever the release of memory has thrown, the peer is told
      boolean unread = how != Closing.COLLECTED && in.available() > 0;
      peerGone = out.closeWriter(how == Closing.RESET || unread, leavesOut);
    }
    return peerGone;
  }
}
