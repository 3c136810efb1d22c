package io.nioring.internal.stream;

import io.nioring.internal.poll.Readiness;
import java.io.IOException;

/**
 * The effect that shutting down, closing and resetting one end of a connection has on the other:
 * the difference between TCP and Unix sockets.
 *
 * <p>Stateless; all state is in the bits of the two directions. {@code in} and {@code out} are
 * those of the acting end. Called by an {@link Endpoint} for everything except plain bytes.
 */
abstract class StreamProtocol {
  /**
   * Decides about bytes written to a direction that is shut; the caller holds the write lock.
   *
   * <p>If they are taken they are discarded, and the way in which both ends end may have changed.
   *
   * @return whether they are taken; otherwise the write has {@link #failure}
   */
  abstract boolean admitsToShut(Direction in, Direction out);

  /** The exception of a write that was not admitted; it reports a pending error. */
  abstract IOException failure(Direction in);

  /**
   * Whether a write that has waited for room cannot go on yet: the peer is inside its close, and
   * has still to say how the stream ends for this end.
   */
  abstract boolean isUndecided(Direction in, Direction out);

  /**
   * Whether a reset that has ended a write's wait for room ends the write too. Otherwise the write
   * goes on, and finds out by itself what has happened.
   *
   * @param more whether the write has put bytes before, and returns their number
   */
  abstract boolean endsByReset(Direction in, Direction out, boolean more);

  /** The bits of {@link Readiness} for an incoming direction that has ended. */
  abstract int endBits(Direction in, Direction out);

  /** Shuts this end's input. */
  abstract void shutInput(Direction in, Direction out);

  /** Shuts this end's output; {@link Direction#end} must follow once no write is in progress. */
  abstract void shutOutput(Direction in, Direction out);

  /** Whether the peer's writer has to end its direction once this end's input is shut. */
  abstract boolean inputEndsWithShut();

  /**
   * Marks both directions as closed by this end.
   *
   * @param leavesIn whether this end leaves the incoming ring in the same step
   * @param leavesOut whether it ends and leaves the outgoing one in the same step
   * @return whether the peer had closed before
   */
  abstract boolean close(
      Direction in, Direction out, Closing how, boolean leavesIn, boolean leavesOut);
}
