package io.nioring.simulation;

import io.nioring.internal.time.Clock;
import java.util.PriorityQueue;

/**
 * The events to come, in the order of their times, and what time it is. Guarded by the world's
 * lock, but for the time, which anybody may ask for.
 */
final class Timeline {
  /** Something that happens at its time. */
  static final class Event implements Comparable<Event> {
    private final long at;
    private final long number;
    private final Runnable action;

    private Event(long at, long number, Runnable action) {
      this.at = at;
      this.number = number;
      this.action = action;
    }

    long at() {
      return at;
    }

    @Override
    public int compareTo(Event other) {
      return at == other.at ? Long.compare(number, other.number) : Long.compare(at, other.at);
    }
  }

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final boolean virtual;
  private final long origin = Clock.SYSTEM.nanoTime();
  private volatile long virtualNow;

  /** When virtual time began to go on as the system's does. */
  private long closedAt;

  private volatile boolean closed;
  private long numbers;

  Timeline(boolean virtual) {
    this.virtual = virtual;
  }

  boolean isVirtual() {
    return virtual;
  }

  /** Nanoseconds since the beginning. */
  long now() {
    if (closed) {
      return virtualNow + (Clock.SYSTEM.nanoTime() - closedAt);
    }
    return virtual ? virtualNow : Clock.SYSTEM.nanoTime() - origin;
  }

  /** A time from now, at most the last one that can be represented. */
  long after(long nanos) {
    return after(now(), nanos);
  }

  /** The same from another time on. */
  static long after(long at, long nanos) {
    return nanos >= Long.MAX_VALUE - at ? Long.MAX_VALUE - 1 : at + nanos;
  }

  /** Sets virtual time, which only grows. */
  void passUntil(long at) {
    virtualNow = Math.max(virtualNow, at);
  }

  Event schedule(long at, Runnable action) {
    Event event = new Event(at, numbers++, action);
    events.add(event);
    return event;
  }

  /** Takes an event out; null, or one that has happened, does no harm. */
  void cancel(Event event) {
    if (event != null) {
      events.remove(event);
    }
  }

  /** When the next event is; {@link Long#MAX_VALUE} if there is none. */
  long nextAt() {
    Event next = events.peek();
    return next == null ? Long.MAX_VALUE : next.at;
  }

  /**
   * Runs the next event if its time is not after another.
   *
   * @return whether there was one
   */
  boolean runNext(long until) {
    if (nextAt() > until) {
      return false;
    }
    Event event = events.remove();
    if (virtual) {
      passUntil(event.at);
    }
    event.action.run();
    return true;
  }

  int size() {
    return events.size();
  }

  /** Drops all events; from now on time passes by itself. */
  void close() {
    events.clear();
    if (virtual && !closed) {
      closedAt = Clock.SYSTEM.nanoTime();
      closed = true;
    }
  }

  boolean isClosed() {
    return closed;
  }
}
