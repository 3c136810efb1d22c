package io.nioring.stress;

import io.nioring.internal.stream.HeldChannels;
import io.nioring.internal.stream.RightsReceiver;
import java.lang.ref.WeakReference;
import java.nio.channels.Channel;
import java.util.concurrent.atomic.AtomicInteger;

/** A channel that could be a link of a cycle in flight, and counts how often it is closed. */
final class CountingReceiver implements RightsReceiver {
  private final AtomicInteger timesClosed = new AtomicInteger();
  private final HeldChannels held = new HeldChannels();

  int timesClosed() {
    return timesClosed.get();
  }

  @Override
  public HeldChannels heldChannels() {
    return held;
  }

  @Override
  public WeakReference<Channel> inFlight() {
    return new WeakReference<>(this);
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
