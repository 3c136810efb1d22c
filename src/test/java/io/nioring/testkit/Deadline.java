package io.nioring.testkit;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** The end of a bounded wait; running out of it is a test failure. */
public final class Deadline {
  /** Long enough for a loaded machine, since it only passes when a test fails. */
  public static final Duration DEFAULT = Duration.ofSeconds(30);

  private static final long PAUSE_NANOS = 500_000;

  private final long endNanos;

  private Deadline(Duration fromNow) {
    this.endNanos = System.nanoTime() + fromNow.toNanos();
  }

  public static Deadline start() {
    return new Deadline(DEFAULT);
  }

  public static Deadline after(Duration fromNow) {
    return new Deadline(fromNow);
  }

  public boolean passed() {
    return System.nanoTime() - endNanos >= 0;
  }

  public long remainingMillis() {
    return Math.max(1, (endNanos - System.nanoTime()) / 1_000_000);
  }

  /** Looks at {@code condition} again and again until it holds; fails with {@code what}. */
  public static void await(String what, Condition condition) throws IOException {
    await(DEFAULT, what, condition);
  }

  /** As above, for what may take longer. */
  public static void await(Duration longest, String what, Condition condition) throws IOException {
    Deadline deadline = after(longest);
    while (!condition.holds()) {
      if (deadline.passed()) {
        throw new AssertionError("not within " + longest + ": " + what + "\n" + Background.dump());
      }
      LockSupport.parkNanos(PAUSE_NANOS);
      if (Thread.currentThread().isInterrupted()) {
        throw new AssertionError("interrupted while waiting: " + what);
      }
    }
  }

  /** Something that becomes true. */
  @FunctionalInterface
  public interface Condition {
    boolean holds() throws IOException;
  }
}
