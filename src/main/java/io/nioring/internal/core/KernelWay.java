package io.nioring.internal.core;

import io.nioring.internal.time.Deadline;
import java.io.IOException;
import java.net.SocketAddress;

/**
 * The way through the kernel, whose connect can be begun and awaited in two steps: what must not
 * happen while a server is bound is the beginning alone.
 */
public interface KernelWay extends Way {
  /** Whether its operations wait. */
  boolean isBlocking();

  /**
   * Begins a connect without waiting for its end, whatever the blocking mode is; leaves the socket
   * non-blocking.
   */
  void beginConnect(Facade facade, SocketAddress remote) throws IOException;

  /**
   * Waits for the end of a connect that was begun.
   *
   * @throws java.net.SocketTimeoutException if the deadline passed
   */
  void awaitConnected(Facade facade, Deadline deadline) throws IOException;
}
