package io.nioring.fault;

import java.util.concurrent.atomic.AtomicInteger;

/** A thread of the operation that is tried, in which sites fail as in the one that began it. */
public final class FaultThread extends Thread {
  private static final AtomicInteger RUNNING = new AtomicInteger();

  public FaultThread(Runnable body) {
    super(body, "fault-thread");
    setDaemon(true);
  }

  /** How many of them run. */
  static int running() {
    return RUNNING.get();
  }

  @Override
  public void run() {
    RUNNING.incrementAndGet();
    try {
      super.run();
    } finally {
      RUNNING.decrementAndGet();
    }
  }
}
