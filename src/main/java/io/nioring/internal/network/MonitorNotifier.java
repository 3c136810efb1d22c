package io.nioring.internal.network;

import io.nioring.internal.platform.RepeatedTask;
import io.nioring.internal.platform.ThreadStarter;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Notifies threads that wait on a monitor, on behalf of threads that must not take it: two writers
 * that each hold a monitor and notify each other would deadlock.
 *
 * <p>This is done by a daemon thread, which runs from the first such wait until there has been none
 * for a while. Waits are bounded, so that they end without a notification if no thread is
 * available. Thread-safe.
 */
public final class MonitorNotifier {
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final ThreadStarter threads;
  private final Queue<Object> monitors = new ConcurrentLinkedQueue<>();

  /** Null while none runs; written under this object's monitor. */
  private volatile Thread thread;

  MonitorNotifier(ThreadStarter threads) {
    this.threads = threads;
  }

  /** Notifies all threads that wait on the monitor, soon. */
  public void notifyLater(Object monitor) {
    try {
      monitors.add(monitor);
      Thread running = thread;
      if (running == null) {
        start();
      } else {
        LockSupport.unpark(running);
      }
    } catch (VirtualMachineError | LinkageError e) {
      // No memory, or no thread: the wait ends by its timeout.
    }
  }

  private synchronized void start() {
    if (thread == null) {
      thread = threads.start("nioring-notify", new Notifying());
    }
  }

  /** Notifies whom it has to, waits for more, and lets the thread end if there was none. */
  private final class Notifying extends RepeatedTask {
    @Override
    protected boolean step() {
      Object monitor = monitors.poll();
      while (monitor != null) {
        synchronized (monitor) {
          monitor.notifyAll();
        }
        monitor = monitors.poll();
      }
      LockSupport.parkNanos(this, LINGER_NANOS);
      return monitors.isEmpty() && retire();
    }
  }

  /** Lets the thread end unless there is a new request. */
  private synchronized boolean retire() {
    thread = null; // before the check: a request that misses it starts the next thread
    if (monitors.isEmpty()) {
      return true;
    }
    thread = Thread.currentThread();
    return false;
  }
}
