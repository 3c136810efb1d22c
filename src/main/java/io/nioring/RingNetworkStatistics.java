package io.nioring;

/**
 * What a network has done so far and what it holds now.
 *
 * <p>A snapshot, taken while the network is in use: each figure is correct by itself, but two of
 * them need not belong to the same moment, so sums may be off by what happened in between. The
 * first five figures only grow over the life of a network and start at 0; the others rise and fall,
 * and are 0 again once the network is closed and the last channel's memory has been released.
 */
public final class RingNetworkStatistics {
  private final long ringConnections;
  private final long ringAccepted;
  private final long kernelConnections;
  private final long kernelAccepted;
  private final long ringBytes;
  private final int openChannels;
  private final int listeners;
  private final long memoryInUseBytes;

  RingNetworkStatistics(
      long ringConnections,
      long ringAccepted,
      long kernelConnections,
      long kernelAccepted,
      long ringBytes,
      int openChannels,
      int listeners,
      long memoryInUseBytes) {
    this.ringConnections = ringConnections;
    this.ringAccepted = ringAccepted;
    this.kernelConnections = kernelConnections;
    this.kernelAccepted = kernelAccepted;
    this.ringBytes = ringBytes;
    this.openChannels = openChannels;
    this.listeners = listeners;
    this.memoryInUseBytes = memoryInUseBytes;
  }

  /**
   * Connections made over rings so far, each counted once for its two ends, as soon as it is in a
   * listener's backlog: whether or not its client has finished the connect, and whether or not it
   * has been accepted. The pair of channels that accept and connect is one connection; a pipe is
   * not counted, and neither is a {@link RingNetwork#socketPair() socket pair}.
   *
   * @return the number
   */
  public long ringConnections() {
    return ringConnections;
  }

  /**
   * Those of {@code ringConnections} that {@code accept} has handed out; never more than these.
   *
   * @return the number
   */
  public long ringAccepted() {
    return ringAccepted;
  }

  /**
   * Connections that clients of this network made through the kernel, because of the mode or
   * because nobody in this JVM listened at the address. Each is counted when its client has
   * finished the connect, so refused ones are not included. Platform channels that are handed out
   * unwrapped, as in kernel mode, are not counted.
   *
   * @return the number
   */
  public long kernelConnections() {
    return kernelConnections;
  }

  /**
   * Connections from the kernel that hybrid listeners handed out.
   *
   * @return the number
   */
  public long kernelAccepted() {
    return kernelAccepted;
  }

  /**
   * Bytes that were read out of rings so far, by channels that are closed and by those that are
   * open: by both ends of connections and of socket pairs, and out of pipes. Bytes that were
   * written and not yet read are not included; those discarded by a close never are, and those of a
   * read that raced with another thread's close may be missing.
   *
   * @return the number
   */
  public long ringBytes() {
    return ringBytes;
  }

  /**
   * Ring channels that are open now: sockets, listeners, and each end of a pipe by itself.
   *
   * @return the number
   */
  public int openChannels() {
    return openChannels;
  }

  /**
   * Addresses of this network that are bound and listen now.
   *
   * @return the number
   */
  public int listeners() {
    return listeners;
  }

  /**
   * Bytes of ring memory that are taken from the pool now. Idle connections hold none.
   *
   * @return the number
   */
  public long memoryInUseBytes() {
    return memoryInUseBytes;
  }

  @Override
  public String toString() {
    return "RingNetworkStatistics["
        + "ringConnections="
        + ringConnections
        + ", ringAccepted="
        + ringAccepted
        + ", kernelConnections="
        + kernelConnections
        + ", kernelAccepted="
        + kernelAccepted
        + ", ringBytes="
        + ringBytes
        + ", openChannels="
        + openChannels
        + ", listeners="
        + listeners
        + ", memoryInUseBytes="
        + memoryInUseBytes
        + "]";
  }
}
