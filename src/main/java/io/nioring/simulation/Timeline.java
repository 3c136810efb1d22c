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
    private final Runnable action;
    private long at;
    private long number;
    private boolean scheduled;

    private Event(Runnable action) {
      this.action = action;
    }

    long at() {
      return at;
    }

    boolean isScheduled() {
      return scheduled;
    }

    @Override
    public int compareTo(Event other) {
      return at == other.at ? Long.compare(number, other.number) : Long.compare(at, other.at);
    }
  }

  private static final int FIRST_ROOM = 16;

  /** Replaced by a larger one before it would have to grow. */
  private PriorityQueue<Event> events = new PriorityQueue<>(FIRST_ROOM);

  private int room = FIRST_ROOM;

  /** How many events there is to be room for at any time. */
  private int prepared;

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
    Event event = new Event(action);
    makeRoom(prepared + 1);
    add(event, at);
    return event;
  }

  /**
   * Makes an event that is not scheduled. To {@link #move} it needs no memory, however often that
   * is done, until it is {@linkplain #discard discarded}.
   */
  Event prepare(Runnable action) {
    Event event = new Event(action);
    makeRoom(prepared + 1);
    prepared++;
    return event;
  }

  /** Schedules a prepared event, or changes its time. */
  void move(Event event, long at) {
    cancel(event);
    add(event, at);
  }

  /** Cancels a prepared event for good. */
  void discard(Event event) {
    cancel(event);
    prepared--;
  }

  private void makeRoom(int more) {
    int wanted = events.size() + more;
    if (wanted > room) {
      int larger = Math.max(wanted, room + (room >> 1));
      PriorityQueue<Event> copy = new PriorityQueue<>(larger);
      copy.addAll(events);
      events = copy;
      room = larger;
    }
  }

  private void add(Event event, long at) {
    event.at = at;
    event.number = numbers++;
    event.scheduled = true;
    events.add(event);
  }

  /** Takes an event out; null, or one that has happened, does no harm. */
  void cancel(Event event) {
    if (event != null && event.scheduled) {
      event.scheduled = false;
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
    event.scheduled = false;
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
