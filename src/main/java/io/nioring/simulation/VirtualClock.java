package io.nioring.simulation;

import io.nioring.internal.poll.SpinWait;
import io.nioring.internal.time.Clock;
import io.nioring.internal.time.Turn;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The clock of a network with virtual time: a thread that waits by it lets time pass if nobody can
 * act. Once the simulation is closed time goes on as the system's does, for threads that linger.
 */
final class VirtualClock extends Clock {
  private static final long NEVER = Long.MAX_VALUE;

  /** How long a thread sleeps at a time that is woken when its wait is over. */
  private static final long WATCH_NANOS = Standstill.LONG_NANOS;

  /** How long a wait lasts whose end is not signalled. */
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

  /** The two ends of a wait, both made before it: the second one needs no memory. */
  private final class Bounds {
    final Runnable beginning = this::begin;
    final Runnable ending = this::end;
    private final Actors.Wait wait;
    private final long nanos;
    private Timeline.Event timeout;
    private boolean begun;

    Bounds(Actors.Wait wait, long nanos) {
      this.wait = wait;
      this.nanos = nanos;
    }

    private void begin() {
      begun = true;
      actors.begins(wait);
      if (nanos != NEVER) {
        timeout = timeline.schedule(timeline.after(nanos), wait::expire);
      }
    }

    private void end() {
      if (begun) {
        actors.ends(wait);
        timeline.cancel(timeout);
      }
    }
  }

  private void await(Actors.Wait wait, long nanos, Sleep sleep) throws InterruptedException {
    Bounds bounds = new Bounds(wait, nanos);
    try {
      world.run(bounds.beginning);
      time.jumpWhileIdle();
      if (!wait.isOver()) { // after the locks, which may have taken an unpark for their own
        sleep.begin();
      }
      if (wait.isOver()) {
        time.somebodyGoesOn();
      } else { // nobody has woken it: why does time not pass?
        time.watch();
      }
    } finally {
      world.run(bounds.ending);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>A queueing thread no longer waits once the lock is free: it is in no queue of the lock,
   * which would hand it over before that can be recorded, but tries again and again.
   */
  @Override
  public void lock(Turn turn) {
    boolean interrupted = false;
    while (!turn.tryLock()) {
      interrupted |= Thread.interrupted(); // waiting for a lock goes on
      park(turn, () -> !turn.isLocked(), NEVER, LOOK_NANOS);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  protected boolean tryLock(Turn turn, long nanos) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    park(turn, () -> !turn.isLocked(), nanos, LOOK_NANOS);
    return turn.tryLock();
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

    /** What it does under the world's lock, which is there before memory may be short. */
    private final Runnable entering = this::enter;

    private final Runnable coming = this::come;

    /** Whether the thread that runs it counts as one that can act. */
    private boolean entered;

    Task(Runnable body, Object to) {
      this.body = body;
      this.known = new HandedOver(this, body.getClass().getName(), to);
      world.run(() -> actors.taskIsToCome(known));
    }

    /** Runs without being counted, if there is no memory to count it, rather than not at all. */
    @Override
    public void run() {
      try {
        world.run(entering);
      } catch (OutOfMemoryError e) {
        world.run(coming);
      }
      try {
        body.run();
      } finally {
        if (entered) {
          time.leaves();
        }
      }
    }

    private void enter() {
      actors.enters(Thread.currentThread());
      entered = true;
      come();
    }

    private void come() {
      actors.taskHasCome(known);
    }
  }

  @Override
  public Runnable handOver(Runnable task, Object to) {
    return new Task(task, to);
  }

  @Override
  public void takeBack(Runnable handedOver) {
    world.run(((Task) handedOver).coming);
    time.jumpWhileIdle();
  }
}
