package io.nioring.testkit;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A task on a thread of its own, whose end is always waited for with a deadline.
 *
 * @param <T> what the task returns
 */
public final class Background<T> {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final long PAUSE_NANOS = 500_000;

  private final FutureTask<T> task;
  private final String callersPackage;
  private final Thread thread;

  private Background(ThreadKind kind, Callable<T> body) {
    task = new FutureTask<>(body);
    callersPackage = body.getClass().getPackageName();
    thread = kind.start("background-" + COUNT.incrementAndGet(), task);
  }

  /** Starts a task on a platform thread. */
  public static <T> Background<T> run(Callable<T> body) {
    return run(ThreadKind.PLATFORM, body);
  }

  public static <T> Background<T> run(ThreadKind kind, Callable<T> body) {
    return new Background<>(kind, body);
  }

  public Thread thread() {
    return thread;
  }

  public boolean isDone() {
    return task.isDone();
  }

  /** Waits for the end of the task, as {@link FutureTask#get(long, TimeUnit)} does. */
  public T get(long longest, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    return task.get(longest, unit);
  }

  /** Waits for the end of the task and returns its result; its failure fails the test. */
  public T result() {
    return result(Deadline.DEFAULT);
  }

  /** As {@link #result()}, for a task that may take longer. */
  public T result(Duration longest) {
    try {
      return end(longest);
    } catch (ExecutionException e) {
      throw new AssertionError("the background task failed: " + e.getCause(), e.getCause());
    }
  }

  /** Waits for the end of the task, which must be an exception. */
  public Throwable failure() {
    try {
      throw new AssertionError("the background task returned " + end(Deadline.DEFAULT));
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }

  /** Waits for the end of the task, whatever it is. */
  public void awaitDone() {
    failureOrNull();
  }

  private T end(Duration longest) throws ExecutionException {
    try {
      return task.get(longest.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError(
          "the background task did not end within " + longest + "\n" + dump(thread), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting\n" + dump(thread), e);
    }
  }

  /** Waits until the thread sleeps in a lock or a park, or the task has ended. */
  public Background<T> awaitAsleep() {
    Deadline deadline = Deadline.start();
    while (!isDone() && !isAsleep()) {
      if (deadline.passed()) {
        throw new AssertionError("never slept\n" + dump(thread));
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    return this;
  }

  private boolean isAsleep() {
    Thread.State state = thread.getState();
    return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
  }

  /**
   * Waits until the thread sleeps inside a method of that name which is not the test's own. The
   * platform's blocking calls sleep in native code, where the thread still counts as runnable.
   */
  public Background<T> awaitBlockedIn(String method) throws Exception {
    Deadline deadline = Deadline.start();
    int sightings = 0;
    while (sightings < 3) {
      if (isDone()) {
        throw new AssertionError("ended instead of blocking in " + method, failureOrNull());
      }
      if (deadline.passed()) {
        throw new AssertionError("never blocked in " + method + "\n" + dump(thread));
      }
      sightings = sleepsIn(method) ? sightings + 1 : 0;
      TimeUnit.MICROSECONDS.sleep(500);
    }
    return this;
  }

  private Throwable failureOrNull() {
    try {
      end(Deadline.DEFAULT);
      return null;
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }

  private boolean sleepsIn(String method) {
    StackTraceElement[] frames = thread.getStackTrace();
    if (frames.length == 0) {
      return false;
    }
    Thread.State state = thread.getState();
    boolean sleeps =
        switch (state) {
          case WAITING, TIMED_WAITING -> true;
          case RUNNABLE -> frames[0].isNativeMethod();
          case NEW, BLOCKED, TERMINATED -> false;
        };
    if (!sleeps) {
      return false;
    }
    for (StackTraceElement frame : frames) {
      if (frame.getMethodName().equals(method)
          && !frame.getClassName().startsWith(callersPackage + ".")) {
        return true;
      }
    }
    return false;
  }

  /** The stacks of all platform threads and of the given ones. */
  public static String dump(Thread... more) {
    StringBuilder text = new StringBuilder();
    for (Thread thread : more) {
      append(text, thread, thread.getStackTrace());
    }
    for (Map.Entry<Thread, StackTraceElement[]> entry : Thread.getAllStackTraces().entrySet()) {
      append(text, entry.getKey(), entry.getValue());
    }
    return text.toString();
  }

  private static void append(StringBuilder text, Thread thread, StackTraceElement[] frames) {
    text.append(thread).append(' ').append(thread.getState()).append('\n');
    for (StackTraceElement frame : frames) {
      text.append("    at ").append(frame).append('\n');
    }
  }
}
