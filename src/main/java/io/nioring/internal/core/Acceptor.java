package io.nioring.internal.core;

import io.nioring.internal.stream.Endpoint;
import java.io.Closeable;
import java.io.IOException;

/**
 * Makes what a listening socket's facade gives out for a connection that was accepted.
 *
 * @param <T> what that is
 */
public interface Acceptor<T extends Closeable> {
  /**
   * Makes it for a connection over a ring.
   *
   * @throws IllegalStateException if the network was closed; the end is closed then
   */
  T overRing(Endpoint accepted);

  /**
   * Makes it for a connection that the kernel has accepted.
   *
   * @param accepted what the kernel's listening socket of that facade gives: the platform's channel
   *     or socket
   * @throws IOException if it has failed already
   */
  T throughKernel(Closeable accepted) throws IOException;
}
