package io.nioring.internal.network;

import io.nioring.internal.platform.RepeatedTask;
import io.nioring.internal.platform.ThreadStarter;
import io.nioring.internal.ring.MemoryPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The daemon thread that serves a network's channels while there are any.
 *
 * <p>An error ends only the piece of work that it occurred in. If the thread ends nevertheless, or
 * could not be started when needed, the next channel that opens starts it. Thread-safe.
 */
final class Housekeeping extends RepeatedTask {
  /** How long the thread stays without channels, in case a new one opens. */
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** The longest time until the next check whether the network is being observed. */
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * How long not to retry after a thread could not be started: each attempt costs a system call.
   */
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** How long to pause after an error in waiting, which would otherwise become a busy loop. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final ChannelRegistry registry;
  private final DroppedChannels dropped;
  private final Rounds rounds;
  private final RightsCloser rights;
  private final Retries retries;
  private final MemoryPool memory;
  private final long idleNanos;
  private final String threadName;
  private final ThreadStarter threads;

  private volatile boolean running;

  // Of the thread.

  private long roundAt;
  private long neededAt;

  // Guarded by this object's monitor.

  private Thread thread;
  private boolean failed;
  private long failedAt;

  Housekeeping(
      ChannelRegistry registry,
      DroppedChannels dropped,
      Rounds rounds,
      RightsCloser rights,
      Retries retries,
      MemoryPool memory,
      int idleMillis,
      String threadName,
      ThreadStarter threads) {
    this.registry = registry;
    this.dropped = dropped;
    this.rounds = rounds;
    this.rights = rights;
    this.retries = retries;
    this.memory = memory;
    this.idleNanos = TimeUnit.MILLISECONDS.toNanos(idleMillis);
    this.threadName = threadName;
    this.threads = threads;
  }

  /** Whether the thread runs; a single plain read for every channel that opens. */
  boolean isRunning() {
    return running;
  }

  /**
   * Starts the thread unless it runs.
   *
   * @return false if none is available; the next channel tries again
   */
  synchronized boolean start() {
    if (thread != null || (registry.isClosed() && retries.isEmpty())) {
      return true;
    }
    if (failed && System.nanoTime() - failedAt < RETRY_NANOS) {
      return false;
    }
    try {
      thread = threads.start(threadName, this);
      running = true;
      failed = false;
      return true;
    } catch (VirtualMachineError | LinkageError e) { // also "unable to create native thread"
      failed = true;
      failedAt = System.nanoTime();
      return false;
    }
  }

  /** Ends the thread, since the registry was closed. */
  synchronized void stop() {
    if (thread != null) {
      thread.interrupt();
    }
  }

  /** The body of the thread. */
  @Override
  public void run() {
    try {
      roundAt = System.nanoTime() + idleNanos;
      neededAt = System.nanoTime();
      super.run();
      while (!releaseSpares()) { // the thread is nobody's any more, and another may run
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } finally {
      ended();
    }
  }

  private boolean releaseSpares() {
    try {
      memory.releaseSpares();
      return true;
    } catch (Throwable e) {
      return false;
    }
  }

  @Override
  protected boolean step() {
    work();
    return (registry.isClosed() || System.nanoTime() - neededAt > LINGER_NANOS) && retire();
  }

  private void work() {
    look();
    rights.closeStranded();
    retries.run();
    if (System.nanoTime() - roundAt >= 0) {
      makeRound();
      roundAt = System.nanoTime() + idleNanos;
    }
    if (isNeeded()) {
      neededAt = System.nanoTime();
    }
    closeDropped(Math.min(LOOK_NANOS, roundAt - System.nanoTime()));
  }

  /**
   * Whether there are channels that are still reachable. Those that were dropped and stay open for
   * their peers need nothing while no channel is opened; and a thread that stayed for them would
   * keep a network reachable that was dropped together with them.
   */
  private boolean isNeeded() {
    return registry.size() > dropped.kept();
  }

  private void closeDropped(long waitNanos) {
    try {
      dropped.freeNext(Math.max(1, TimeUnit.NANOSECONDS.toMillis(waitNanos)));
    } catch (InterruptedException e) {
      return; // only stop interrupts, and the loop checks for it
    } catch (Throwable e) {
      BackgroundFailures.log("cannot wait for dropped channels", e);
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private void look() {
    try {
      registry.look();
    } catch (Throwable e) {
      BackgroundFailures.log("cannot look whether the network is observed", e);
    }
  }

  private void makeRound() {
    try {
      rounds.make();
    } catch (Throwable e) {
      BackgroundFailures.log("cannot look through the open channels", e);
    }
  }

  /** Lets the thread end unless a channel has been added meanwhile. */
  private synchronized boolean retire() {
    running = false; // before the check: an add that misses it starts the next thread
    boolean mayEnd = retries.isEmpty() && rights.isIdle();
    if (!mayEnd || (isNeeded() && !registry.isClosed())) {
      running = true;
      return false;
    }
    thread = null;
    return true;
  }

  /** Makes room for the next thread if this one ended by an error. */
  private synchronized void ended() {
    if (thread == Thread.currentThread()) {
      running = false;
      thread = null;
    }
  }
}
