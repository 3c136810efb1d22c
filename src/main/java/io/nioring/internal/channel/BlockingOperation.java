package io.nioring.internal.channel;

import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.poll.SpinPolicy;
import io.nioring.internal.poll.SpinWait;
import io.nioring.internal.select.RingSelectable;
import java.nio.channels.Channel;
import java.util.concurrent.locks.LockSupport;

/**
 * How one side of a channel waits: its reader (or acceptor) for {@code IN}, or its writer (or
 * connector) for {@code OUT}.
 *
 * <p>Made when the side blocks for the first time and kept, since it learns how long looking again
 * pays. One thread at a time, admitted by the side's lock.
 */
final class BlockingOperation implements SpinWait.Condition {
  /** A wait without a time limit. */
  static final long FOREVER = Long.MAX_VALUE;

  private final Channel channel;
  private final RingSelectable selectable;
  private final int bit;
  private final SpinWait spinWait;

  private BlockingOperation(
      Channel channel, RingSelectable selectable, int bit, SpinPolicy spinning) {
    this.channel = channel;
    this.selectable = selectable;
    this.bit = bit;
    this.spinWait = new SpinWait(spinning);
  }

  /** For a reader or an acceptor. */
  static <C extends Channel & RingSelectable> BlockingOperation forInput(
      C of, SpinPolicy spinning) {
    return new BlockingOperation(of, of, Readiness.IN, spinning);
  }

  /** For a writer or a connector. */
  static <C extends Channel & RingSelectable> BlockingOperation forOutput(
      C of, SpinPolicy spinning) {
    return new BlockingOperation(of, of, Readiness.OUT, spinning);
  }

  /** Whether the wait is over: the channel is ready or closed. */
  @Override
  public boolean holds() {
    return (selectable.readiness(bit) & bit) != 0 || !channel.isOpen();
  }

  /**
   * Waits until the channel is ready or closed, the thread is interrupted, or the time is over. The
   * caller has called {@code begin}, and looks by itself what came.
   *
   * @param nanos the longest to wait, {@link #FOREVER} without a limit
   * @return whether it slept all the time and nothing came
   */
  boolean await(long nanos) {
    if (nanos <= 0 || lookAgain()) {
      return false;
    }
    PollSet poll = selectable.poll();
    arm(poll);
    try {
      if (holds()) {
        return false;
      }
      long asleepSince = System.nanoTime();
      park(nanos);
      long slept = System.nanoTime() - asleepSince;
      slept(slept);
      return slept >= nanos && !holds();
    } finally {
      disarm(poll);
    }
  }

  /**
   * Looks for a while whether the wait is over, for who then sleeps in another way than {@link
   * #await} does and tells {@link #slept} about it.
   *
   * @return whether it is over
   */
  boolean lookAgain() {
    return spinWait.await(this);
  }

  /** Takes note of how long a sleep was. */
  void slept(long nanos) {
    spinWait.slept(nanos);
  }

  private void park(long nanos) {
    if (nanos == FOREVER) {
      LockSupport.park(this);
    } else {
      LockSupport.parkNanos(this, nanos);
    }
  }

  private void arm(PollSet poll) {
    if (bit == Readiness.IN) {
      poll.armReader(Thread.currentThread());
    } else {
      poll.armWriter(Thread.currentThread());
    }
  }

  private void disarm(PollSet poll) {
    if (bit == Readiness.IN) {
      poll.disarmReader();
    } else {
      poll.disarmWriter();
    }
  }
}
