package io.nioring.simulation;

import io.nioring.internal.poll.SpinWait;
import io.nioring.internal.time.Clock;
import io.nioring.internal.time.Turn;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The clock of a network with virtual time: who waits by it lets time pass if nobody can act. Once
 * the simulation is closed time goes on as the system's does, for threads that linger.
 */
final class VirtualClock extends Clock {
  private static final long NEVER = Long.MAX_VALUE;

  /** How long a thread sleeps at a time that is woken when its wait is over. */
  private static final long WATCH_NANOS = Standstill.LONG_NANOS;

  /** How long a wait is whose end nobody tells. */
  private static final long LOOK_NANOS = 100_000;

  private final World world;
  private final SimulationTime time;
  private final Timeline timeline;
  private final Actors actors;

  VirtualClock(World world, SimulationTime time, Timeline timeline, Actors actors) {
    this.world = world;
    this.time = time;
    this.timeline = timeline;
    this.actors = actors;
  }

  /** How a thread waits once that is noted. */
  private interface Sleep {
    void begin() throws InterruptedException;
  }

  @Override
  public long nanoTime() {
    return timeline.now();
  }

  @Override
  public void park(Object blocker) {
    parkNanos(blocker, NEVER);
  }

  @Override
  public void parkNanos(Object blocker, long nanos) {
    if (timeline.isClosed()) {
      super.parkNanos(blocker, nanos);
    } else if (nanos > 0) {
      SpinWait.Condition condition = blocker instanceof SpinWait.Condition known ? known : null;
      park(blocker, condition, nanos, condition == null ? LOOK_NANOS : WATCH_NANOS);
    }
  }

  private void park(Object blocker, SpinWait.Condition condition, long nanos, long systemNanos) {
    try {
      await(
          Actors.Wait.parked(condition), nanos, () -> LockSupport.parkNanos(blocker, systemNanos));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // not by parking
    }
  }

  @Override
  public void await(
      Object monitor,
      SpinWait.Condition condition,
      long nanos,
      long systemNanos,
      Runnable notifying)
      throws InterruptedException {
    await(
        new Actors.Wait(condition, notifying),
        nanos,
        () -> TimeUnit.NANOSECONDS.timedWait(monitor, systemNanos));
  }

  private void await(Actors.Wait wait, long nanos, Sleep sleep) throws InterruptedException {
    Timeline.Event[] end = new Timeline.Event[1];
    world.run(
        () -> {
          actors.begins(wait);
          if (nanos != NEVER) {
            end[0] = timeline.schedule(timeline.after(nanos), wait::expire);
          }
        });
    try {
      time.jumpWhileIdle();
      if (!wait.isOver()) { // after the locks, which may have taken an unpark for their own
        sleep.begin();
      }
      if (!wait.isOver()) { // nobody has woken it: why does time not pass?
        time.watch();
      }
    } finally {
      world.run(
          () -> {
            actors.ends(wait);
            timeline.cancel(end[0]);
          });
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Who queues does not wait any more once the lock is free: it stands in no queue of the lock,
   * which would hand it over before that can be noted, but looks again and again.
   */
  @Override
  public void lock(Turn turn) {
    boolean interrupted = false;
    while (!turn.tryLock()) {
      interrupted |= Thread.interrupted(); // a lock is waited for all the same
      park(turn, () -> !turn.isLocked(), NEVER, LOOK_NANOS);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean countsWaiters() {
    return true;
  }

  // -- what is handed over

  /** A task that counts from its making until it has run. */
  private final class Task implements Runnable {
    private final Runnable body;
    private final HandedOver known;

    Task(Runnable body, Object to) {
      this.body = body;
      this.known = new HandedOver(this, body.getClass().getName(), to);
      world.run(() -> actors.taskIsToCome(known));
    }

    @Override
    public void run() {
      world.run(
          () -> {
            actors.enters(Thread.currentThread());
            actors.taskHasCome(known);
          });
      try {
        body.run();
      } finally {
        time.leaves();
      }
    }
  }

  @Override
  public Runnable handOver(Runnable task, Object to) {
    return new Task(task, to);
  }

  @Override
  public void takeBack(Runnable handedOver) {
    world.run(() -> actors.taskHasCome(((Task) handedOver).known));
    time.jumpWhileIdle();
  }
}
