package io.nioring.observe;

import io.micrometer.core.instrument.Timer;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.Tap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures how long a direction had no room, and how long its bytes waited. The writing end sets a
 * start time, and the reading end removes it, once.
 */
final class WaitTap implements Tap {
  private static final long NONE = 0;

  private final WaitObserver observer;
  private final Endpoint writer;
  private final AtomicLong fullSince = new AtomicLong(NONE);
  private final AtomicLong unreadSince = new AtomicLong(NONE);

  WaitTap(WaitObserver observer, Endpoint writer) {
    this.observer = observer;
    this.writer = writer;
  }

  @Override
  public Object owner() {
    return observer;
  }

  @Override
  public void awaitRoom() {
    noteUnread();
    noteFull();
  }

  @Override
  public void endWrite(long position, long result, int free) {
    if (result > 0) {
      noteUnread();
    }
    if (free == 0) {
      noteFull();
    }
  }

  private void noteFull() {
    note(fullSince);
    if (hasRoom()) { // made since we looked: nobody else would take the time
      fullSince.set(NONE);
    }
  }

  private void noteUnread() {
    note(unreadSince);
    if (writer.unsent() == 0) {
      unreadSince.set(NONE);
    }
  }

  private static void note(AtomicLong since) {
    if (since.get() == NONE) {
      since.set(System.nanoTime() | 1); // never NONE
    }
  }

  /** Called when a writer is woken. */
  private boolean hasRoom() {
    int capacity = writer.sendCapacityBytes();
    return capacity - writer.unsent() >= (capacity + 3) >> 2;
  }

  @Override
  public void endRead(long position, int result, int unread, int free, int timeoutMillis) {
    if (result > 0) {
      take(unreadSince, observer.delay());
    }
    if (fullSince.get() != NONE && hasRoom()) {
      take(fullSince, observer.blocked());
    }
  }

  private static void take(AtomicLong since, Timer timer) {
    long noted = since.get() == NONE ? NONE : since.getAndSet(NONE);
    if (noted != NONE) {
      timer.record(System.nanoTime() - noted, TimeUnit.NANOSECONDS);
    }
  }
}
