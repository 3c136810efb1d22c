package io.nioring.simulation;

import io.nioring.internal.poll.SpinWait;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Who can still act in a simulation with virtual time: as long as somebody can, time stands still.
 * Guarded by the world's lock.
 *
 * <h2>How it works</h2>
 *
 * These can act, unless they wait:
 *
 * <pre>{@code
 * members      threads that are inside of a host, or run a task of ours
 * coming       threads of hosts that were started and are not members yet
 * tasks        handed to a thread that has not begun with them, and is not known to have lost them
 * finishers    threads that run what an event or a change has deferred
 * }</pre>
 *
 * <p>A thread that was woken and does not run yet is still listed as waiting. So each wait is asked
 * whether it is over: its socket is ready, its lock is free, its selector was woken. The same
 * applies to threads that are not members, as long as they wait.
 *
 * <p>An executor may drop a task silently. Once nobody can run it any more, the reference by which
 * it is known here is cleared: {@link #forgetLostTasks}.
 *
 * <p>A thread that ceases to act checks whether time can pass now. One that cannot check leaves it
 * to a thread that waits: {@link #lookAgain}.
 */
final class Actors {
  /** A wait of a thread. */
  static final class Wait {
    private final Thread thread = Thread.currentThread();
    private final SpinWait.Condition condition;
    private final Runnable waking;

    /** Whether its time is over. */
    private volatile boolean expired;

    /** Whether it is inside a deferred action. */
    private boolean ofFinisher;

    /** Whether it was ended for the thread to check whether time can pass. */
    private boolean isToLook;

    /** The thread's wait that this one is nested in; null if there is none. */
    private Wait outer;

    /**
     * Creates a wait of the current thread.
     *
     * @param condition what it waits for; null if it is not known
     * @param waking ends the wait, which then checks by itself what has happened
     */
    Wait(SpinWait.Condition condition, Runnable waking) {
      this.condition = condition;
      this.waking = waking;
    }

    /** As above, for a thread that parks. */
    static Wait parked(SpinWait.Condition condition) {
      Thread parked = Thread.currentThread();
      return new Wait(condition, () -> LockSupport.unpark(parked));
    }

    /** Ends it: its time is over. */
    void expire() {
      expired = true;
      waking.run();
    }

    private void look() {
      isToLook = true;
      waking.run();
    }

    /** Whether the thread is about to go on, though it may not run yet. */
    boolean isOver() {
      return expired || thread.isInterrupted() || (condition != null && condition.holds());
    }
  }

  /** How often a thread is what it is counted as. */
  private static final class Count {
    int times;
  }

  private final Map<Thread, Wait> waits = new HashMap<>();
  private final Map<Thread, Count> members = new HashMap<>();
  private final Map<Thread, Count> finishers = new HashMap<>();
  private final Set<Thread> coming = Collections.newSetFromMap(new WeakHashMap<>());
  private final Set<HandedOver> tasks = new HashSet<>();

  /** Whether time stood still for a thread that may cease to act without checking. */
  private boolean heldBack;

  // -- waiting

  /** The current thread begins to wait. */
  void begins(Wait wait) {
    wait.ofFinisher = finishers.containsKey(wait.thread);
    Wait outer = waits.get(wait.thread);
    wait.outer = outer;
    waits.put(wait.thread, wait); // a map that cannot grow may keep it: its end removes it
  }

  /** Its wait ends. A member checks when it waits again; of another thread nothing is known. */
  void ends(Wait wait) {
    if (wait.outer != null) {
      waits.put(wait.thread, wait.outer);
      return;
    }
    waits.remove(wait.thread);
    if (!members.containsKey(wait.thread)) {
      heldBack |= wait.isToLook && wait.isOver(); // it goes on, and does not look
      lookAgain();
    }
  }

  /** Has a waiting thread check whether time can pass, if it could not before. */
  private void lookAgain() {
    if (!heldBack) {
      return;
    }
    for (Wait each : waits.values()) {
      if (!each.isOver()) {
        heldBack = false;
        each.look();
        return;
      }
    }
    heldBack = false;
  }

  /** Ends all waits: time has been closed. */
  void endAll() {
    waits.values().forEach(each -> each.waking.run());
  }

  // -- acting

  void enters(Thread member) {
    oneMore(members, member);
    coming.remove(member);
  }

  private static void oneMore(Map<Thread, Count> counts, Thread counted) {
    Count present = counts.get(counted);
    if (present == null) {
      present = new Count();
      boolean added = false;
      try {
        counts.put(counted, present);
        added = true;
      } finally {
        if (!added) {
          counts.remove(counted); // a map that cannot grow may keep it
        }
      }
    }
    present.times++;
  }

  private static void oneLess(Map<Thread, Count> counts, Thread counted) {
    Count present = counts.get(counted);
    if (present != null && --present.times == 0) {
      counts.remove(counted);
    }
  }

  void leaves(Thread member) {
    oneLess(members, member);
  }

  /** Adds a thread that becomes a member once it was started and runs. */
  void isToCome(Thread thread) {
    coming.add(thread);
  }

  void taskIsToCome(HandedOver task) {
    boolean added = false;
    try {
      added = tasks.add(task);
    } finally {
      if (!added) {
        tasks.remove(task); // a set that cannot grow may keep it
      }
    }
  }

  /** It runs, or was not taken; nothing happens the second time. */
  void taskHasCome(HandedOver task) {
    tasks.remove(task);
  }

  boolean hasTasks() {
    return !tasks.isEmpty();
  }

  /** Drops the tasks that nobody can run any more. */
  void forgetLostTasks() {
    tasks.removeIf(HandedOver::isLost);
  }

  /**
   * The current thread begins or ends running deferred actions. Until the end an event has not
   * completely happened, unless a deferred action itself waits.
   */
  void finishing(boolean begins) {
    if (begins) {
      oneMore(finishers, Thread.currentThread());
    } else {
      oneLess(finishers, Thread.currentThread());
      lookAgain();
    }
  }

  // -- the count

  /** Whether somebody waits and nobody can act, so that time passes by itself. */
  boolean isIdle() {
    return !waits.isEmpty() && !canAct(null);
  }

  /**
   * Whether anybody can act.
   *
   * @param except a member that is not asked; null for none
   */
  boolean canAct(Thread except) {
    if (finishers.keySet().stream().anyMatch(this::isFinishing)
        || waits.values().stream().anyMatch(Wait::isOver)) {
      heldBack = true;
      return true;
    }
    return hasTasks()
        || members.keySet().stream().anyMatch(each -> each != except && !waits.containsKey(each))
        || coming.stream().anyMatch(Actors::isOnItsWay);
  }

  /** Those that {@link #canAct}: threads, and tasks that were handed over. */
  Set<Object> acting() {
    Set<Object> acting = new LinkedHashSet<>(tasks);
    waits.values().stream().filter(Wait::isOver).forEach(each -> acting.add(each.thread));
    finishers.keySet().stream().filter(this::isFinishing).forEach(acting::add);
    members.keySet().stream().filter(each -> !waits.containsKey(each)).forEach(acting::add);
    coming.stream().filter(Actors::isOnItsWay).forEach(acting::add);
    return acting;
  }

  /** As {@link #acting}, to be described once the lock is released. */
  List<Actor> all() {
    return acting().stream()
        .map(each -> each instanceof Thread thread ? new ActingThread(thread) : (Actor) each)
        .toList();
  }

  /** Those that wait, to be described once the lock is released. */
  List<Actor> waiting() {
    return waits.keySet().stream().<Actor>map(ActingThread::new).toList();
  }

  private boolean isFinishing(Thread finisher) {
    Wait wait = waits.get(finisher);
    return wait == null || !wait.ofFinisher;
  }

  private static boolean isOnItsWay(Thread thread) {
    return thread.getState() != Thread.State.NEW && thread.isAlive();
  }
}
