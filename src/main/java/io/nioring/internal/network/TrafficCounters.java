package io.nioring.internal.network;

import java.util.concurrent.atomic.LongAdder;

/** Counts the connections of a network, over rings and through the kernel, since it was opened. */
public final class TrafficCounters {
  private final LongAdder ringConnections = new LongAdder();
  private final LongAdder ringAccepted = new LongAdder();
  private final LongAdder kernelConnections = new LongAdder();
  private final LongAdder kernelAccepted = new LongAdder();

  /** Counts a connection made over rings. */
  public void ringConnected() {
    ringConnections.increment();
  }

  /** Counts an accepted connection. */
  public void ringAccepted() {
    ringAccepted.increment();
  }

  /** Counts a connection made through the kernel. */
  public void kernelConnected() {
    kernelConnections.increment();
  }

  /** Counts a connection accepted from the kernel. */
  public void kernelAccepted() {
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
