package io.nioring.internal.channel;

import java.util.concurrent.atomic.LongAdder;

/** Where the traffic of a network went, counted since it was opened. */
public final class TrafficCounters {
  private final LongAdder ringConnections = new LongAdder();
  private final LongAdder ringAccepted = new LongAdder();
  private final LongAdder kernelConnections = new LongAdder();
  private final LongAdder kernelAccepted = new LongAdder();

  void ringConnected() {
    ringConnections.increment();
  }

  void ringAccepted() {
    ringAccepted.increment();
  }

  void kernelConnected() {
    kernelConnections.increment();
  }

  void kernelAccepted() {
    kernelAccepted.increment();
  }

  /** Connections made over rings. */
  public long ringConnectionsSum() {
    return ringConnections.sum();
  }

  /** Of these, those that were accepted. */
  public long ringAcceptedSum() {
    return ringAccepted.sum();
  }

  /** Connections made to others through the kernel. */
  public long kernelConnectionsSum() {
    return kernelConnections.sum();
  }

  /** Connections accepted from the kernel. */
  public long kernelAcceptedSum() {
    return kernelAccepted.sum();
  }
}
