package io.nioring.simulation;

import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** An executor with as many threads as it has tasks, which are counted as long as they have one. */
final class HostExecutor extends ThreadPoolExecutor {
  private final SimulationTime time;

  HostExecutor(SimulationTime time, ThreadFactory factory) {
    super(0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), factory);
    this.time = time;
  }

  @Override
  public void execute(Runnable task) {
    Runnable counted = time.handOver(task, this);
    boolean taken = false;
    try {
      super.execute(counted);
      taken = true;
    } finally {
      if (!taken) {
        time.takeBack(counted);
      }
    }
  }
}
