package io.nioring.stress;

import java.nio.channels.Channel;
import java.util.concurrent.atomic.AtomicInteger;

/** A channel that counts how often it is closed. */
final class CountingChannel implements Channel {
  private final AtomicInteger timesClosed = new AtomicInteger();

  int timesClosed() {
    return timesClosed.get();
  }

  @Override
  public boolean isOpen() {
    return timesClosed.get() == 0;
  }

  @Override
  public void close() {
    timesClosed.incrementAndGet();
  }
}
