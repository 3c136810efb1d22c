package io.nioring.internal.select;

import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import io.nioring.socket.ReadinessSource;
import java.io.IOException;

/**
 * What a selector needs of a channel of ours.
 *
 * <p>Implemented by the channel facades, called by selecting threads at any time, also after close.
 */
public interface RingSelectable extends ReadinessSource {
  /** Who waits for this channel; the same object for the channel's whole life. */
  PollSet poll();

  /**
   * The bits of {@link Readiness} that hold now.
   *
   * @param wanted what the caller wants to know: of {@code IN} and {@code OUT} only what is wanted
   *     need be told, since finding out touches memory that the peer writes
   */
  int readiness(int wanted);

  /** All bits that hold now. */
  @Override
  default int readiness() {
    return readiness(Readiness.ALL);
  }

  /**
   * The operations that readiness bits mean for this channel in its present state, leaving out what
   * hang-up and error mean: these make ready whatever a key is interested in.
   *
   * @param readiness bits of {@link Readiness}
   */
  int readyOps(int readiness);

  /**
   * How many times a selecting thread should call {@link Thread#onSpinWait} before it looks whether
   * something can be read, since the peer sends little at a time and fast; mostly 0.
   */
  default int peersHeadStart() {
    return 0;
  }

  /**
   * Tells the channel of a new key. A channel that is, or may become, the kernel's keeps the key
   * and calls {@link RingSelectionKey#attachKernel} when it knows; others do nothing.
   *
   * @param key a key that is being registered, without interest so far
   * @throws IOException if the kernel's part of it cannot be had; then the channel has kept nothing
   *     but a key that becomes invalid
   */
  default void registered(RingSelectionKey key) throws IOException {}
}
