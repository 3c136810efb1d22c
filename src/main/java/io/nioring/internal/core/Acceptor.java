package io.nioring.internal.core;

import io.nioring.internal.stream.Endpoint;
import java.io.Closeable;
import java.io.IOException;

/**
 * Makes the object that a listening socket's facade returns for an accepted connection.
 *
 * @param <T> its type
 */
public interface Acceptor<T extends Closeable> {
  /**
   * Makes it for a connection over a ring.
   *
   * @param options what it inherits of the listening socket's options; null for the defaults
   * @throws IllegalStateException if the network was closed; the end is closed then
   */
  T overRing(Endpoint accepted, OptionValues options);

  /**
   * Makes it for a connection accepted by the kernel.
   *
   * @param accepted the result of accepting on the kernel's listening socket: the platform's
   *     channel or socket
   * @throws IOException if it has failed already
   */
  T throughKernel(Closeable accepted) throws IOException;
}
