package io.nioring.internal.blocking;

import io.nioring.internal.network.MonitorNotifier;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Waiter;
import io.nioring.internal.time.Clock;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A wait of a thread that holds a monitor and releases it meanwhile.
 *
 * <p>The streams of {@link java.nio.channels.Channels} hold the channel's blocking lock around each
 * read and write: a thread that slept holding it would block the other direction. Made for one
 * wait.
 */
final class MonitorWait implements Waiter {
  /** The longest wait, in case the notification cannot be delivered. */
  private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final Object monitor;
  private final int bit;
  private final MonitorNotifier notifier;
  private final Clock clock;
  private final AtomicBoolean woken = new AtomicBoolean();

  MonitorWait(Object monitor, int bit, MonitorNotifier notifier, Clock clock) {
    this.monitor = monitor;
    this.bit = bit;
    this.notifier = notifier;
    this.clock = clock;
  }

  /**
   * Waits until it is woken, the thread is interrupted or the time is over, for some milliseconds
   * at most. The caller holds the monitor.
   *
   * @param condition the condition waited for; checked after the announcement
   */
  void await(PollSet poll, BlockingOperation condition, long nanos) {
    poll.add(this);
    try {
      VarHandle.fullFence(); // the announcement before the look, see PollSet
      if (!condition.holds()) {
        clock.await(monitor, condition, nanos, LONGEST_NANOS, () -> wake(bit));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      poll.remove(this);
    }
  }

  @Override
  public void wake(int bits) {
    if (wants(bits) && woken.compareAndSet(false, true)) {
      notifier.notifyLater(monitor);
    }
  }

  @Override
  public boolean wants(int bits) {
    return (bits & bit) != 0;
  }
}
