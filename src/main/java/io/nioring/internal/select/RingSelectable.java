package io.nioring.internal.select;

import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import io.nioring.socket.ReadinessSource;
import java.io.IOException;

/**
 * What a selector requires of one of our channels.
 *
 * <p>Implemented by the channel facades, called by selecting threads at any time, also after close.
 */
public interface RingSelectable extends ReadinessSource {
  /** The waiters for this channel; the same object for the channel's whole life. */
  PollSet poll();

  /**
   * The bits of {@link Readiness} that hold now.
   *
   * @param wanted the bits of interest: {@code IN} and {@code OUT} need be determined only if
   *     wanted, since that reads memory that the peer writes
   */
  int readiness(int wanted);

  /** All bits that hold now. */
  @Override
  default int readiness() {
    return readiness(Readiness.ALL);
  }

  /**
   * The operations that readiness bits mean for this channel in its present state, except for
   * hang-up and error: these make a key ready for everything it is interested in.
   *
   * @param readiness bits of {@link Readiness}
   */
  int readyOps(int readiness);

  /**
   * How many times a selecting thread should call {@link Thread#onSpinWait} before it checks
   * whether something can be read, since the peer sends small amounts at a high rate; usually 0.
   */
  default int peersHeadStart() {
    return 0;
  }

  /**
   * Notifies the channel of a new key. A channel that goes, or may go, through the kernel keeps the
   * key and calls {@link RingSelectionKey#attachKernel} when that is decided; others do nothing.
   *
   * @param key a key that is being registered, without interest so far
   * @throws IOException if the kernel's part cannot be opened; then the channel has kept at most a
   *     key that becomes invalid
   */
  default void registered(RingSelectionKey key) throws IOException {}
}
