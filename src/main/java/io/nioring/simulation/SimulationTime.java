package io.nioring.simulation;

import io.nioring.internal.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Lets the events of a simulation happen: a thread of its own at the system's time; or, with
 * virtual time, the thread that advances it, and the last thread of the hosts that begins to wait.
 */
final class SimulationTime {
  private static final long NEVER = Long.MAX_VALUE;
  private static final Instant VIRTUAL_EPOCH = Instant.parse("2000-01-01T00:00:00Z");

  private final World world;
  private final Timeline timeline;
  private final Actors actors = new Actors();
  private final Clock networkClock;

  // Guarded by the world's lock.

  private Thread thread;
  private long awaited = NEVER;
  private boolean closed;
  private final Standstill standstill = new Standstill();
  private TimelineScheduler scheduler;

  /** Made once: a thread leaves even if memory is short. */
  private final Runnable leaving;

  SimulationTime(World world, Timeline timeline) {
    this.world = world;
    this.timeline = timeline;
    this.leaving = () -> actors.leaves(Thread.currentThread());
    this.networkClock =
        timeline.isVirtual() ? new VirtualClock(world, this, timeline, actors) : Clock.SYSTEM;
  }

  Clock networkClock() {
    return networkClock;
  }

  /**
   * The time as programs see it.
   *
   * @param offset gives how far it is ahead
   */
  java.time.Clock userClock(Supplier<Duration> offset) {
    return new UserClock(this::instant, offset, ZoneOffset.UTC);
  }

  private Instant instant() {
    return timeline.isVirtual()
        ? VIRTUAL_EPOCH.plusNanos(timeline.now())
        : java.time.Clock.systemUTC().instant();
  }

  ScheduledExecutorService scheduler() {
    ScheduledExecutorService[] found = new ScheduledExecutorService[1];
    world.run(
        () -> {
          if (scheduler == null) {
            scheduler = new TimelineScheduler(world, this);
            if (closed) { // no event would begin its tasks
              scheduler.shutdownNow();
            }
          }
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
    wakeThread();
  }

  /** Not by a condition, which takes memory for its first signal and loses who waits without. */
  private void wakeThread() {
    LockSupport.unpark(thread);
  }

  private void happen() {
    boolean goesOn = true;
    while (goesOn) {
      try {
        goesOn = letNextHappen();
      } catch (RuntimeException | Error e) {
        tell(e);
      }
    }
  }

  /**
   * Lets the next event happen, or waits for it.
   *
   * @return false at the end
   */
  private boolean letNextHappen() {
    Queue<Runnable> due;
    long left = 0;
    world.lock().lock();
    try {
      if (closed) {
        return false;
      }
      long now = timeline.now();
      if (!timeline.runNext(now) && !world.hasPutOff()) { // as by an event that then failed
        awaited = timeline.nextAt();
        left = awaited == NEVER ? NEVER : awaited - now;
      }
      due = world.drain();
    } finally {
      world.lock().unlock();
    }
    if (due == null) {
      sleep(left);
    } else {
      world.finishAndLog(due); // which may take a wake-up for its own: all is looked at anew
    }
    return true;
  }

  /** Sleeps for a time, or until something has changed since the look; the caller looks again. */
  private void sleep(long nanos) {
    if (nanos == NEVER) {
      LockSupport.park(this);
    } else if (nanos > 0) {
      LockSupport.parkNanos(this, nanos);
    }
    Thread.interrupted(); // only foreign code interrupts it, and that means nothing
  }

  /** One failure ends no more than its own action. */
  static void runGuarded(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | Error e) {
      tell(e);
    }
  }

  /** Tells that an event has failed, which ends nothing else. */
  static void tell(Throwable failure) {
    try {
      tell("an event of a simulation failed", failure);
    } catch (OutOfMemoryError e) {
      return; // for the text, which takes memory when it is used for the first time
    }
  }

  /** Tells of a failure that ends nothing but its own action. */
  static void tell(String what, Throwable failure) {
    try {
      System.getLogger(SimulationTime.class.getName())
          .log(System.Logger.Level.WARNING, what, failure);
    } catch (OutOfMemoryError e) {
      return; // without room to tell it; what counts is to go on
    }
  }

  // -- virtual time

  /** Goes to the next event, and to the one after it, as long as nobody can act. */
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
    boolean isEndless = duration.compareTo(Duration.ofNanos(NEVER)) > 0;
    long until = timeline.after(isEndless ? NEVER : duration.toNanos());
    Quiet quiet = quiet();
    do {
      quiet.await();
    } while (step(until, false));
    world.run(
        () -> {
          timeline.passUntil(until);
          standstill.ends();
        });
    quiet.await();
  }

  /** For a thread that lets one event happen after the other. */
  Quiet quiet() {
    return new Quiet(world, actors);
  }

  /** Lets the next event happen, and what it has deferred. */
  boolean step(long until, boolean ifIdle) {
    boolean happened;
    Queue<Runnable> due;
    world.lock().lock();
    try {
      happened = (!ifIdle || actors.isIdle()) && timeline.runNext(until);
      if (happened) {
        standstill.ends();
      }
      due = world.drain();
    } finally {
      world.lock().unlock();
    }
    world.finishAndLog(due);
    return happened;
  }

  // -- when time does not pass

  /**
   * Called by a thread that waits and was not woken: if time has not passed for long, finds tasks
   * that were lost, and logs what keeps it from passing, or that nothing is left to happen.
   */
  void watch() {
    if (!standstill.isLong()) {
      return;
    }
    if (isCollectionDue()) {
      System.gc(); // which clears the references to tasks that nobody has
    }
    List<Actor> all = new ArrayList<>();
    List<Actor> forEver = new ArrayList<>();
    world.run(
        () -> {
          actors.forgetLostTasks();
          if (timeline.nextAt() == NEVER) {
            standstill.nothingIsToHappen();
          }
          if (stands() && standstill.takeReport()) {
            all.addAll(actors.all());
          }
          if (isAtItsEnd() && standstill.takeDeadlock()) {
            forEver.addAll(actors.waiting());
          }
        });
    if (!all.isEmpty()) {
      String title = "virtual time has not passed for " + standstill.duration();
      warn(title + " of the system's, since these can act:", all);
    }
    if (!forEver.isEmpty()) {
      warn(
          "no event of virtual time is left; unless a thread acts that does not count, these wait"
              + " for ever:",
          forEver);
    }
    jumpWhileIdle();
  }

  /** A thread that has waited goes on. */
  void somebodyGoesOn() {
    standstill.somebodyGoesOn();
  }

  private boolean isCollectionDue() {
    boolean[] due = new boolean[1];
    world.run(() -> due[0] = actors.hasTasks() && stands() && standstill.takeCollection());
    return due[0];
  }

  /** Whether something is to happen by itself, and somebody can act first. */
  private boolean stands() {
    return !closed
        && world.config().advanceWhenIdle()
        && timeline.nextAt() != NEVER
        && actors.canAct(null);
  }

  /** Whether those who wait do so for ever, as far as is known. */
  private boolean isAtItsEnd() {
    return !closed && timeline.nextAt() == NEVER && actors.isIdle();
  }

  private static void warn(String title, List<Actor> all) {
    StringBuilder text = new StringBuilder(title);
    all.forEach(each -> text.append("\n  ").append(each.describe()));
    System.getLogger(SimulationTime.class.getName()).log(System.Logger.Level.WARNING, text);
  }

  /** Describes what keeps virtual time from passing now. */
  List<String> whoCanAct() {
    List<Actor> all = new ArrayList<>();
    world.run(() -> all.addAll(actors.all()));
    return all.stream().map(Actor::describe).toList();
  }

  /** Describes those who wait, if nobody can act and no event is left; else nobody. */
  List<String> whoWaitsForEver() {
    List<Actor> all = new ArrayList<>();
    world.run(() -> all.addAll(isAtItsEnd() ? actors.waiting() : List.of()));
    return all.stream().map(Actor::describe).toList();
  }

  /** How many events are left that only {@link #advance} lets happen, since nobody waits. */
  int eventsWithoutWaiter() {
    int[] events = new int[1];
    world.run(
        () -> {
          boolean without = !closed && actors.waiting().isEmpty() && !actors.canAct(null);
          events[0] = without ? timeline.size() : 0;
        });
    return events[0];
  }

  /** See {@link Actors#finishing}; with the world's lock held. */
  void finishing(boolean begins) {
    actors.finishing(begins);
  }

  // -- the threads of hosts

  /** Adds a thread that was made and is started later. */
  void isToCome(Thread thread) {
    world.run(() -> actors.isToCome(thread));
  }

  /** The current thread is one of a host's from now on. */
  void enters() {
    world.run(() -> actors.enters(Thread.currentThread()));
  }

  void leaves() {
    world.run(leaving);
    jumpWhileIdle();
  }

  /** As {@link Clock#handOver}. */
  Runnable handOver(Runnable task, Object to) {
    return networkClock.handOver(task, to);
  }

  /** As {@link Clock#takeBack}. */
  void takeBack(Runnable handedOver) {
    networkClock.takeBack(handedOver);
  }

  void close() {
    world.run(
        () -> {
          closed = true;
          wakeThread();
          actors.endAll();
          if (scheduler != null) {
            scheduler.shutdownNow();
          }
        });
  }
}
