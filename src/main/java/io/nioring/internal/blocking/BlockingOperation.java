package io.nioring.internal.blocking;

import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.poll.SpinWait;
import io.nioring.internal.time.Clock;
import io.nioring.internal.time.Deadline;
import java.io.IOException;

/**
 * How one side of a socket waits: its reader (or acceptor) for {@code IN}, or its writer (or
 * connector) for {@code OUT}.
 *
 * <p>Made when the side blocks for the first time and kept, since it learns how long spinning pays
 * off. Used by one thread at a time, admitted by the side's lock.
 */
public final class BlockingOperation implements SpinWait.Condition {
  /** About a millisecond, so that the time fits into an {@code int}. */
  private static final int TICK_SHIFT = 20;

  private final Waitable socket;
  private final int bit;
  private final NetworkResources network;
  private final Clock clock;
  private final SpinWait spinWait;

  /**
   * When the present or the last sleep began, in units of {@link #TICK_SHIFT}; read by any thread.
   */
  private int asleepSince;

  private BlockingOperation(Waitable socket, int bit, NetworkResources network) {
    this.socket = socket;
    this.bit = bit;
    this.network = network;
    this.clock = network.clock();
    this.spinWait = new SpinWait(network.spinning(), clock);
  }

  /** For a reader or an acceptor. */
  public static BlockingOperation forInput(Waitable of, NetworkResources network) {
    return new BlockingOperation(of, Readiness.IN, network);
  }

  /** For a writer or a connector. */
  public static BlockingOperation forOutput(Waitable of, NetworkResources network) {
    return new BlockingOperation(of, Readiness.OUT, network);
  }

  /** Whether the wait is over: the socket is ready or closed. */
  @Override
  public boolean holds() {
    return (socket.readiness(bit) & bit) != 0 || !socket.isOpen();
  }

  /**
   * Waits until the socket is ready or closed, the thread is interrupted, or the time is over. The
   * caller has called {@link Facade#beginWait}, and checks the outcome itself.
   *
   * @param facade the facade on whose behalf it waits
   * @param nanos the longest to wait, {@link Deadline#FOREVER} without a limit
   * @return whether it slept until the time was over without a result
   * @throws IOException if an interrupt makes the facade's operations fail
   */
  public boolean await(Facade facade, long nanos) throws IOException {
    if (nanos <= 0 || lookAgain()) {
      return false;
    }
    PollSet poll = socket.poll();
    arm(poll);
    try {
      if (holds()) {
        return false;
      }
      long since = clock.nanoTime();
      asleepSince = tick(since);
      sleep(facade, poll, nanos);
      long slept = clock.nanoTime() - since;
      slept(slept);
      boolean over = holds();
      if (!over && Thread.currentThread().isInterrupted()) {
        facade.interruptedInWait();
      }
      return slept >= nanos && !over;
    } finally {
      disarm(poll);
    }
  }

  /** How long the thread that sleeps has done so, to about a millisecond. */
  public long asleepNanos() {
    return (long) (tick(clock.nanoTime()) - asleepSince) << TICK_SHIFT;
  }

  private static int tick(long nanos) {
    return (int) (nanos >> TICK_SHIFT);
  }

  /**
   * Spins for a while until the wait is over, for a caller that then sleeps in another way than
   * {@link #await} does and reports that to {@link #slept}.
   *
   * @return whether it is over
   */
  public boolean lookAgain() {
    return spinWait.await(this);
  }

  /** Records how long a sleep was. */
  public void slept(long nanos) {
    spinWait.slept(nanos);
  }

  /** Sleeps; a monitor that would keep other threads from the facade is released meanwhile. */
  private void sleep(Facade facade, PollSet poll, long nanos) {
    Object monitor = facade.monitor();
    if (monitor != null && Thread.holdsLock(monitor)) {
      new MonitorWait(monitor, bit, network.registry().notifier(), clock).await(poll, this, nanos);
    } else {
      park(nanos);
    }
  }

  private void park(long nanos) {
    if (nanos == Deadline.FOREVER) {
      clock.park(this);
    } else {
      clock.parkNanos(this, nanos);
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
