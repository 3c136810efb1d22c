package io.nioring.internal.network;

import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.Observer;
import io.nioring.internal.stream.Tap;
import io.nioring.internal.stream.Wire;
import io.nioring.internal.time.Clock;

/**
 * Records when the ends of a network's connections last sent and received, while that is enabled:
 * each write and read that moves bytes then reads the clock. Thread-safe.
 */
public final class LastUses implements Observer {
  private final Wire wire;
  private final ChannelRegistry registry;

  /** Guarded by this object's monitor, which is not taken in any call of an observer or a tap. */
  private boolean on;

  /** Makes one that records nothing yet. */
  public LastUses(Wire wire, ChannelRegistry registry) {
    this.wire = wire;
    this.registry = registry;
  }

  /** Starts to record, or stops and discards the records. */
  public synchronized void record(boolean wanted) {
    if (wanted == on) {
      return;
    }
    on = wanted;
    if (wanted) {
      wire.addObserver(this); // first: a connection that the traversal misses is reported
    } else {
      wire.removeObserver(this);
    }
    for (ChannelRegistry.Entry entry : registry.entries()) {
      Endpoint end = entry.endpoint();
      if (end != null && end.isConnected()) {
        set(end, wanted);
        set(end.peer(), wanted);
      }
    }
  }

  private void set(Endpoint end, boolean wanted) {
    if (wanted) {
      end.addTap(new Use());
    } else {
      end.removeTap(this);
    }
  }

  @Override
  public void connected(Endpoint client, Endpoint server) {
    client.addTap(new Use());
    server.addTap(new Use());
  }

  /** The time since an end last sent; -1 if unknown. */
  public long sentAgoNanos(Endpoint end) {
    return end.tapOf(this) instanceof Use use ? use.agoNanos(use.writtenAt) : -1;
  }

  /** The time since an end last received; -1 if unknown. */
  public long receivedAgoNanos(Endpoint end) {
    return end.peer().tapOf(this) instanceof Use use ? use.agoNanos(use.readAt) : -1;
  }

  /** When one direction was last used. */
  private final class Use implements Tap {
    private static final long NEVER = Long.MIN_VALUE;

    private final Clock clock = wire.clock();
    private volatile long writtenAt = NEVER;
    private volatile long readAt = NEVER;

    @Override
    public Object owner() {
      return LastUses.this;
    }

    @Override
    public void endWrite(long position, long result, int free) {
      if (result > 0) {
        writtenAt = clock.nanoTime();
      }
    }

    @Override
    public void endRead(long position, int result, int unread, int free, int timeoutMillis) {
      if (result > 0) {
        readAt = clock.nanoTime();
      }
    }

    private long agoNanos(long at) {
      return at == NEVER ? -1 : Math.max(0, clock.nanoTime() - at);
    }
  }
}
