package io.nioring.simulation;

/**
 * Where a thread is: on a host, until the simulation is closed. Threads inherit it, and some live
 * as long as the JVM, such as those of a library's pool: this is all that they keep then.
 */
final class ThreadPlace {
  private volatile RingHost host;

  ThreadPlace(RingHost host) {
    this.host = host;
  }

  /** The host; null once the simulation was closed. */
  RingHost host() {
    return host;
  }

  void leave() {
    host = null;
  }
}
