package io.nioring.simulation;

import io.nioring.internal.poll.SpinWait;
import io.nioring.internal.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs tasks at their times in a simulation, one after the other, on a thread of its own: a task
 * may wait, and the thread that lets time pass may hold what the task needs.
 *
 * <p>Shutting it down does what {@link java.util.concurrent.ScheduledThreadPoolExecutor} does by
 * default: tasks that wait for their time still run, those that repeat do not run again.
 */
final class TimelineScheduler extends AbstractExecutorService implements ScheduledExecutorService {
  /** A task that waits for its time, once or again and again. */
  private final class Task<V> extends FutureTask<V> implements ScheduledFuture<V> {
    private final RingHost host = world.hostOfThread();
    private final long periodNanos;
    private final boolean fromEnd;

    /** Its end, which is there before memory may be short. */
    private final Runnable ending = this::ended;

    private long at;
    private Timeline.Event event;

    /** Whether it has run and may run again; of the thread that runs it. */
    private boolean repeats;

    Task(Callable<V> body, long delayNanos, long periodNanos, boolean fromEnd) {
      super(body);
      this.at = world.timeline().after(Math.max(0, delayNanos));
      this.periodNanos = periodNanos;
      this.fromEnd = fromEnd;
    }

    /** With the world's lock held. */
    void begin() {
      if (isShutdown) {
        throw new RejectedExecutionException("the simulation's scheduler is shut down");
      }
      boolean begun = false;
      try {
        event = world.timeline().schedule(at, () -> isDue(this));
        tasks.add(this);
        begun = true;
      } finally {
        if (!begun) {
          tasks.remove(this); // a set that cannot grow keeps it
          world.timeline().cancel(event);
        }
      }
    }

    void execute() {
      repeats = false;
      try {
        inHost(periodNanos == 0 ? this : () -> repeats = runAndReset());
      } catch (RuntimeException | Error e) { // not the body's, which the future has
        setException(e);
      } finally {
        world.run(ending);
      }
    }

    /** Runs something as a part of the host whose thread has scheduled this. */
    private void inHost(Runnable action) {
      if (host == null) {
        action.run();
      } else {
        host.run(action);
      }
    }

    /** With the world's lock held. */
    private void ended() {
      tasks.remove(this);
      if (repeats && !isDone() && !isShutdown) {
        at = Timeline.after(fromEnd ? world.now() : at, periodNanos);
        beginAgain();
      } else if (repeats) {
        super.cancel(false);
      }
      wakeIfTerminated();
    }

    private void beginAgain() {
      try {
        begin();
      } catch (RuntimeException | Error e) {
        lose(e);
      }
    }

    /** Completes it since it will not run; with the world's lock held. */
    void lose(Throwable reason) {
      setException(reason);
      tasks.remove(this);
      world.timeline().cancel(event);
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      boolean cancelled = super.cancel(false);
      world.run(
          () -> {
            tasks.remove(this);
            world.timeline().cancel(event);
            wakeIfTerminated();
          });
      return cancelled;
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(at - world.now(), TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
    }
  }

  private final World world;
  private final Clock clock;
  private final HostExecutor executor;

  // Guarded by the world's lock.

  private final Set<Task<?>> tasks = new LinkedHashSet<>();

  /** A list of nodes: an {@link java.util.ArrayDeque} that cannot grow loses what it has. */
  @SuppressWarnings("JdkObsolete")
  private final Queue<Task<?>> due = new LinkedList<>();

  private final List<Thread> awaitingEnd = new ArrayList<>();

  /** Why no thread runs what is due, until that is told to the tasks. */
  private Throwable refusal;

  /** Made once: memory is short when it is needed. */
  private final Runnable losingDue = this::loseDue;

  /** Whether a thread runs what is due, or is about to. */
  private boolean isRunning;

  /** What it runs, if it has taken something already. */
  private Task<?> running;

  private volatile boolean isShutdown;

  TimelineScheduler(World world, SimulationTime time) {
    this.world = world;
    this.clock = time.networkClock();
    this.executor = new HostExecutor(time, TimelineScheduler::thread);
  }

  private static Thread thread(Runnable body) {
    Thread thread = new Thread(null, body, "nioring-scheduler", 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    return thread;
  }

  /** With the world's lock held. A task that cannot become due ends with the reason. */
  private void isDue(Task<?> task) {
    try {
      due.add(task);
      if (!isRunning) {
        world.after(this::runDue);
        isRunning = true;
      }
    } catch (RuntimeException | Error e) {
      due.remove(task);
      task.lose(e);
      wakeIfTerminated();
      throw e;
    }
  }

  private void runDue() {
    try {
      executor.execute(new Run());
    } catch (RuntimeException | Error e) { // for lack of a thread, or at the end
      refusal = e;
      world.run(losingDue);
      throw e;
    }
  }

  /** With the world's lock held. */
  private void loseDue() {
    for (Task<?> next = due.poll(); next != null; next = due.poll()) {
      next.lose(refusal);
    }
    refusal = null;
    isRunning = false;
    wakeIfTerminated();
  }

  /** What a thread does until nothing is due. */
  private final class Run implements Runnable {
    private final Runnable takingNext = this::takeNext;
    private Task<?> next;
    private boolean over;

    @Override
    public void run() {
      while (!over) {
        try {
          if (next == null) {
            world.run(takingNext); // which may throw though it has taken one
          }
          if (next != null) {
            Task<?> task = next;
            next = null;
            task.execute();
          }
        } catch (RuntimeException | Error e) { // of something else that the lock's end has run
          SimulationTime.tell(e);
        }
      }
    }

    /** With the world's lock held. */
    private void takeNext() {
      next = due.poll();
      over = next == null;
      running = next;
      isRunning = !over;
      wakeIfTerminated();
    }
  }

  private <T extends Task<?>> T begin(T task) {
    world.run(task::begin);
    return task;
  }

  private static Callable<Object> callable(Runnable body) {
    Objects.requireNonNull(body, "task"); // now, when the caller can be told
    return () -> {
      body.run();
      return null;
    };
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable body, long delay, TimeUnit unit) {
    return begin(new Task<>(callable(body), unit.toNanos(delay), 0, false));
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> body, long delay, TimeUnit unit) {
    return begin(new Task<>(body, unit.toNanos(delay), 0, false));
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable body, long delay, long period, TimeUnit unit) {
    return begin(new Task<>(callable(body), unit.toNanos(delay), checked(unit, period), false));
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable body, long delay, long pause, TimeUnit unit) {
    return begin(new Task<>(callable(body), unit.toNanos(delay), checked(unit, pause), true));
  }

  private static long checked(TimeUnit unit, long period) {
    if (period <= 0) {
      throw new IllegalArgumentException("period is " + period + ", expected above 0");
    }
    return unit.toNanos(period);
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // as the interface has it: nobody asks for it
  public void execute(Runnable body) {
    begin(new Task<>(callable(body), 0, 0, false));
  }

  @Override
  public void shutdown() {
    List<Task<?>> repeating = new ArrayList<>();
    world.run(
        () -> {
          isShutdown = true;
          tasks.stream().filter(task -> task.periodNanos > 0).forEach(repeating::add);
          wakeIfTerminated();
        });
    repeating.forEach(task -> task.cancel(false));
  }

  @Override
  public List<Runnable> shutdownNow() {
    List<Runnable> left = new ArrayList<>();
    world.run(
        () -> {
          isShutdown = true;
          tasks.remove(running);
          left.addAll(tasks);
          tasks.clear();
          due.clear();
          wakeIfTerminated();
        });
    left.forEach(task -> ((Task<?>) task).cancel(false));
    executor.shutdownNow();
    return left;
  }

  /** With the world's lock held. */
  private void wakeIfTerminated() {
    if (hasEnded()) {
      awaitingEnd.forEach(LockSupport::unpark);
    }
  }

  /** With the world's lock held. */
  private boolean hasEnded() {
    return isShutdown && tasks.isEmpty() && !isRunning;
  }

  @Override
  public boolean isShutdown() {
    return isShutdown;
  }

  @Override
  public boolean isTerminated() {
    boolean[] terminated = new boolean[1];
    world.run(() -> terminated[0] = hasEnded());
    return terminated[0];
  }

  /** {@inheritDoc} The time is that of the simulation. */
  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    Thread waiting = Thread.currentThread();
    SpinWait.Condition end = this::isTerminated;
    long deadline = world.timeline().after(Math.max(0, unit.toNanos(timeout)));
    world.run(() -> awaitingEnd.add(waiting));
    try {
      while (!end.holds()) {
        long left = deadline - world.now();
        if (left <= 0) {
          return false;
        }
        clock.parkNanos(end, left);
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
      return true;
    } finally {
      world.run(() -> awaitingEnd.remove(waiting));
    }
  }
}
