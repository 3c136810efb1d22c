package io.nioring.internal.stream;

import io.nioring.internal.poll.Readiness;
import java.io.IOException;

/**
 * TCP, as Linux has it on the loopback interface.
 *
 * <p>What the ends tell one another is a FIN (nothing more will be sent) or a RST (the connection
 * is over). Nothing else crosses: that the peer shuts its input is not seen, and that it has closed
 * shows as a FIN alone. Bytes that reach an end that has closed, or that has shut both sides, are
 * taken from their writer and answered by a RST.
 *
 * <pre>{@code
 * the end that gets a RST    its next read (after the data)   its next write               then
 *  had no FIN                 "Connection reset"               "Connection reset by peer"   -1, "Broken pipe"
 *  had a FIN                  -1                               "Broken pipe"                -1, "Broken pipe"
 * }</pre>
 *
 * A connection that had a FIN from each end is over: nobody is reset any more.
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

  /**
   * Resets this end as the peer's answer to bytes that nobody reads.
   *
   * <p>The peer may be inside of its close, having said that it reads no more, and nothing yet of
   * how its own direction ends. That depends on whether it leaves bytes unread, and so it does
   * here: with the write lock held none are added, so that if there are none now the peer finds
   * none.
   *
   * @return whether the bytes were taken; else the peer left others unread, and this end was reset
   *     before them
   */
  private static boolean answersWithReset(Direction in, Direction out) {
    if (!out.isReaderGone()) { // it has shut both sides
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
   * An explicit reset comes before this end says that it reads no more, since a write of the peer's
   * that finds that is answered as one that came later. Whether bytes are left unread is only known
   * after it.
   */
  @Override
  boolean close(Direction in, Direction out, Closing how, boolean leavesIn, boolean leavesOut) {
    boolean over = in.isAborted() || (in.isFinished() && out.isFinished());
    if (how == Closing.RESET && !over) {
      boolean peerGone = out.closeWriter(true, leavesOut);
      in.closeReader(leavesIn);
      return peerGone;
    }
    if (how == Closing.OUTPUT_FIRST) {
      out.finish();
    }
    in.closeReader(leavesIn); // a full fence: see Endpoint.write
    return out.closeWriter(!over && in.available() > 0, leavesOut);
  }
}
