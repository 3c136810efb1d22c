package io.nioring.consumer.raft;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** The latest warnings of all programs of the JVM, in place of the console. */
final class Warnings extends Handler {
  private static final int MOST = 200;

  private final ArrayDeque<String> latest = new ArrayDeque<>();

  private Warnings() {}

  /** Collects them from now on. */
  static Warnings collect() {
    Logger root = Logger.getLogger("");
    for (Handler each : root.getHandlers()) {
      root.removeHandler(each);
    }
    Warnings warnings = new Warnings();
    root.addHandler(warnings);
    root.setLevel(Level.WARNING);
    return warnings;
  }

  @Override
  public synchronized void publish(LogRecord logged) {
    if (latest.size() == MOST) {
      latest.remove();
    }
    Throwable thrown = logged.getThrown();
    String cause = thrown == null ? "" : ": " + thrown + " at " + place(thrown);
    latest.add(logged.getInstant() + " " + logged.getMessage() + cause);
  }

  private static String place(Throwable thrown) {
    StackTraceElement[] stack = thrown.getStackTrace();
    return stack.length == 0 ? "no place" : stack[0].toString();
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}

  @Override
  public synchronized String toString() {
    return "warnings until " + Instant.now() + ":\n  " + String.join("\n  ", latest);
  }
}
