package io.nioring.internal.network;

import io.nioring.internal.poll.Sum;

/** Counts the connections of a network, over rings and through the kernel, since it was opened. */
public final class TrafficCounters {
  private final Sum ringConnections = new Sum();
  private final Sum ringAccepted = new Sum();
  private final Sum kernelConnections = new Sum();
  private final Sum kernelAccepted = new Sum();

  /** Counts a connection made over rings. */
  public void ringConnected() {
    ringConnections.add(1);
  }

  /** Counts an accepted connection. */
  public void ringAccepted() {
    ringAccepted.add(1);
  }

  /** Counts a connection made through the kernel. */
  public void kernelConnected() {
    kernelConnections.add(1);
  }

  /** Counts a connection accepted from the kernel. */
  public void kernelAccepted() {
    kernelAccepted.add(1);
  }

  /** Connections made over rings. */
  public long ringConnectionsSum() {
    return ringConnections.value();
  }

  /** Of these, those that were accepted. */
  public long ringAcceptedSum() {
    return ringAccepted.value();
  }

  /** Connections made to others through the kernel. */
  public long kernelConnectionsSum() {
    return kernelConnections.value();
  }

  /** Connections accepted from the kernel. */
  public long kernelAcceptedSum() {
    return kernelAccepted.value();
  }
}
