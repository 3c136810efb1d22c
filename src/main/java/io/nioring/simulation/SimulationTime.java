package io.nioring.simulation;

import io.nioring.internal.poll.SpinWait;
import io.nioring.internal.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets the events of a simulation happen: a thread of its own at the system's time; or, with
 * virtual time, whoever advances it, and the last thread of the hosts that begins to wait.
 */
final class SimulationTime {
  private static final long NEVER = Long.MAX_VALUE;
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LOOK_NANOS = 50_000;
  private static final long UNKNOWN_WAIT_NANOS = 1_000_000;
  private static final Instant VIRTUAL_EPOCH = Instant.parse("2000-01-01T00:00:00Z");

  /** A thread that waits in an operation of a channel or a selector. */
  private static final class Waiter {
    final Thread thread;
    final Object blocker;
    volatile boolean expired;
    Timeline.Event event;

    /** Whether it waits in something that an event has put off. */
    boolean finishes;

    Waiter(Thread thread, Object blocker) {
      this.thread = thread;
      this.blocker = blocker;
    }

    /** Whether the thread is about to go on, though it may not run yet. */
    boolean isOver() {
      return expired
          || thread.isInterrupted()
          || (blocker instanceof SpinWait.Condition condition && condition.holds());
    }
  }

  /** The clock of a network with virtual time. */
  private final class VirtualClock extends Clock {
    @Override
    public long nanoTime() {
      return timeline.now();
    }

    @Override
    public void park(Object blocker) {
      await(blocker, NEVER);
    }

    @Override
    public void parkNanos(Object blocker, long nanos) {
      if (nanos > 0) {
        await(blocker, nanos);
      }
    }
  }

  /** Virtual time as programs see it. */
  private final class VirtualUserClock extends java.time.Clock {
    private final ZoneId zone;

    VirtualUserClock(ZoneId zone) {
      this.zone = zone;
    }

    @Override
    public ZoneId getZone() {
      return zone;
    }

    @Override
    public java.time.Clock withZone(ZoneId other) {
      return new VirtualUserClock(other);
    }

    @Override
    public Instant instant() {
      return VIRTUAL_EPOCH.plusNanos(timeline.now());
    }
  }

  private final World world;
  private final Timeline timeline;
  private final Clock networkClock;

  // Guarded by the world's lock.

  private final Condition changed;
  private final Map<Thread, Waiter> waiters = new HashMap<>();
  private final Map<Thread, Integer> members = new HashMap<>();
  private int tasksToCome;

  /** The threads that finish what an event or a change has put off, and how deep they are in it. */
  private final Map<Thread, Integer> finishers = new HashMap<>();

  /** Whether time stood still for a finisher. */
  private boolean heldBack;

  private Thread thread;
  private long awaited = NEVER;
  private boolean closed;
  private TimelineScheduler scheduler;

  SimulationTime(World world, Timeline timeline) {
    this.world = world;
    this.timeline = timeline;
    this.changed = world.lock().newCondition();
    this.networkClock = timeline.isVirtual() ? new VirtualClock() : Clock.SYSTEM;
  }

  Clock networkClock() {
    return networkClock;
  }

  java.time.Clock userClock(Duration offset) {
    java.time.Clock base =
        timeline.isVirtual() ? new VirtualUserClock(ZoneOffset.UTC) : java.time.Clock.systemUTC();
    return java.time.Clock.offset(base, offset);
  }

  ScheduledExecutorService scheduler() {
    ScheduledExecutorService[] found = new ScheduledExecutorService[1];
    world.run(
        () -> {
          scheduler = scheduler == null ? new TimelineScheduler(world) : scheduler;
          found[0] = scheduler;
        });
    return found[0];
  }

  // -- at the system's time

  /** Called with the lock held, when events may have come. */
  void changed() {
    if (timeline.isVirtual() || closed || timeline.nextAt() >= awaited) {
      return;
    }
    if (thread == null) {
      Thread started = new Thread(null, this::happen, "nioring-simulation", 0, false);
      started.setDaemon(true);
      started.setContextClassLoader(null);
      started.start();
      thread = started;
    }
    awaited = timeline.nextAt();
    changed.signal();
  }

  private void happen() {
    while (true) {
      List<Runnable> due;
      world.lock().lock();
      try {
        if (closed) {
          return;
        }
        long now = timeline.now();
        if (!timeline.runNext(now)) {
          awaited = timeline.nextAt();
          if (awaited == NEVER) {
            changed.await();
          } else {
            changed.awaitNanos(awaited - now);
          }
        }
        due = world.drain();
      } catch (InterruptedException e) {
        due = List.of(); // only a stranger interrupts it: it looks again
      } finally {
        world.lock().unlock();
      }
      world.finish(due, SimulationTime::runGuarded);
    }
  }

  /** One failure ends no more than its own action. */
  private static void runGuarded(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | Error e) {
      System.getLogger(SimulationTime.class.getName())
          .log(System.Logger.Level.WARNING, "an event of a simulation failed", e);
    }
  }

  // -- virtual time

  private void await(Object blocker, long nanos) {
    Waiter waiter = new Waiter(Thread.currentThread(), blocker);
    world.run(
        () -> {
          waiter.finishes = finishers.containsKey(waiter.thread);
          waiters.put(waiter.thread, waiter);
          if (nanos != NEVER) {
            waiter.event = timeline.schedule(after(nanos), () -> expire(waiter));
          }
        });
    try {
      jumpWhileIdle();
      if (!waiter.isOver()) { // after the locks, which may have taken an unpark for their own
        if (blocker instanceof SpinWait.Condition) {
          LockSupport.park(blocker);
        } else {
          LockSupport.parkNanos(blocker, UNKNOWN_WAIT_NANOS);
        }
      }
    } finally {
      world.run(
          () -> {
            waiters.remove(waiter.thread);
            timeline.cancel(waiter.event);
          });
    }
  }

  private static void expire(Waiter waiter) {
    waiter.expired = true;
    LockSupport.unpark(waiter.thread);
  }

  private long after(long nanos) {
    long now = timeline.now();
    return nanos > NEVER - now ? NEVER - 1 : now + nanos;
  }

  /** Goes to the next event, and to the one after it, as long as all threads of hosts wait. */
  void jumpWhileIdle() {
    if (!timeline.isVirtual() || !world.config().advanceWhenIdle()) {
      return;
    }
    boolean jumped;
    do {
      jumped = step(NEVER - 1, true);
    } while (jumped);
  }

  void ensureVirtual() {
    if (!timeline.isVirtual()) {
      throw new IllegalStateException("the simulation has the system's time, not virtual time");
    }
  }

  void advance(Duration duration) {
    ensureVirtual();
    if (duration.isNegative()) {
      throw new IllegalArgumentException("cannot go back by " + duration);
    }
    long until = after(duration.toNanos());
    long quietUntil = Clock.SYSTEM.nanoTime() + QUIET_NANOS;
    do {
      awaitQuiet(quietUntil);
    } while (step(until, false));
    world.run(() -> timeline.passUntil(until));
    awaitQuiet(quietUntil);
  }

  /** Lets the next event happen, and what it has put off. */
  boolean step(long until, boolean ifIdle) {
    boolean happened;
    List<Runnable> due;
    world.lock().lock();
    try {
      happened = (!ifIdle || isIdle(null)) && timeline.runNext(until);
      due = world.drain();
    } finally {
      world.lock().unlock();
    }
    world.finish(due, SimulationTime::runGuarded);
    return happened;
  }

  private void awaitQuiet(long until) {
    while (!isQuiet() && Clock.SYSTEM.nanoTime() - until < 0) {
      Clock.SYSTEM.parkNanos(this, LOOK_NANOS);
    }
  }

  private boolean isQuiet() {
    boolean[] quiet = new boolean[1];
    world.run(() -> quiet[0] = isIdle(Thread.currentThread()));
    return quiet[0];
  }

  private boolean isIdle(Thread except) {
    for (Thread each : finishers.keySet()) {
      Waiter waiter = waiters.get(each);
      if (waiter == null || !waiter.finishes || waiter.isOver()) {
        heldBack = true;
        return false;
      }
    }
    if (tasksToCome > 0) {
      return false;
    }
    for (Thread each : members.keySet()) {
      Waiter waiter = waiters.get(each);
      if (each != except && (waiter == null || waiter.isOver())) {
        return false;
      }
    }
    return true;
  }

  /**
   * Notes that the current thread begins or ends to finish what was put off; with the world's lock
   * held. Until then an event has not wholly happened, unless what was put off waits itself. A
   * thread that could not let time jump meanwhile looks again.
   */
  void finishing(boolean begins) {
    finishers.merge(
        Thread.currentThread(), begins ? 1 : -1, (a, b) -> a + b == 0 ? null : (Integer) (a + b));
    if (!begins && heldBack) {
      heldBack = false;
      waiters.keySet().stream().findAny().ifPresent(LockSupport::unpark);
    }
  }

  // -- the threads of hosts

  void taskComes() {
    world.run(() -> tasksToCome++);
  }

  void taskIsHere() {
    world.run(() -> tasksToCome--);
  }

  void enters(Thread member) {
    world.run(() -> members.merge(member, 1, Integer::sum));
  }

  void leaves(Thread member) {
    world.run(
        () -> members.computeIfPresent(member, (each, count) -> count == 1 ? null : count - 1));
    jumpWhileIdle();
  }

  void close() {
    world.run(
        () -> {
          closed = true;
          changed.signal();
          if (scheduler != null) {
            scheduler.shutdown();
          }
        });
  }
}
