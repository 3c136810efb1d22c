package io.nioring.contract;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A task on a thread of its own, whose end is always waited for with a deadline.
 *
 * @param <T> what the task returns
 */
final class Background<T> {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final String OWN_PACKAGE = Background.class.getPackageName();

  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread thread;
  private volatile T result;
  private volatile Throwable failure;

  private Background(ThreadKind kind, Callable<T> body) {
    thread = kind.start("background-" + COUNT.incrementAndGet(), () -> runBody(body));
  }

  static <T> Background<T> run(ThreadKind kind, Callable<T> body) {
    return new Background<>(kind, body);
  }

  private void runBody(Callable<T> body) {
    try {
      result = body.call();
    } catch (Throwable e) {
      failure = e;
    } finally {
      done.countDown();
    }
  }

  Thread thread() {
    return thread;
  }

  boolean isDone() {
    return done.getCount() == 0;
  }

  /** Waits for the end of the task and returns its result; its failure fails the test. */
  T result() {
    return result(Deadline.DEFAULT);
  }

  /** As {@link #result()}, for a task that may take longer. */
  T result(Duration longest) {
    awaitDone(longest);
    if (failure != null) {
      throw new AssertionError("the background task failed: " + failure, failure);
    }
    return result;
  }

  /** Waits for the end of the task, which must be an exception. */
  Throwable failure() {
    awaitDone();
    if (failure == null) {
      throw new AssertionError("the background task returned " + result);
    }
    return failure;
  }

  void awaitDone() {
    awaitDone(Deadline.DEFAULT);
  }

  private void awaitDone(Duration longest) {
    try {
      if (!done.await(longest.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError(
            "the background task did not end within " + longest + "\n" + dump(thread));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting\n" + dump(thread), e);
    }
  }

  /**
   * Waits until the thread sleeps inside a method of that name which is not the test's own. The
   * platform's blocking calls sleep in native code, where the thread still counts as runnable.
   */
  Background<T> awaitBlockedIn(String method) throws Exception {
    Deadline deadline = Deadline.start();
    int sightings = 0;
    while (sightings < 3) {
      if (isDone()) {
        throw new AssertionError("ended instead of blocking in " + method, failure);
      }
      if (deadline.passed()) {
        throw new AssertionError("never blocked in " + method + "\n" + dump(thread));
      }
      sightings = sleepsIn(method) ? sightings + 1 : 0;
      TimeUnit.MICROSECONDS.sleep(500);
    }
    return this;
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
      if (frame.getMethodName().equals(method) && !frame.getClassName().startsWith(OWN_PACKAGE)) {
        return true;
      }
    }
    return false;
  }

  /** The stacks of all platform threads and of the given ones. */
  static String dump(Thread... more) {
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
