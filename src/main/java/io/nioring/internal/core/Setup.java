package io.nioring.internal.core;

import io.nioring.internal.names.ConnectRequest;
import io.nioring.internal.names.Listener;
import java.net.SocketAddress;

/**
 * What a socket has only until it is connected over a ring: then the endpoint has the addresses. An
 * accepted socket never has one, and so an idle connection does without these fields.
 *
 * <p>Guarded by the socket's state lock, except for the request and its listener.
 */
final class Setup {
  /** The address that the socket is bound to; null if it is unbound. */
  SocketAddress localAddress;

  /** The address that the socket is being connected to; null before connect. */
  SocketAddress remoteAddress;

  /**
   * The state to carry over to the kernel; null once that has been decided, or if the network does
   * not reach the kernel.
   */
  Undecided undecided;

  /** The pending connect; null if there is none. */
  volatile ConnectRequest request;

  /** The listener that got the request; null if there was none. Written before the request. */
  Listener listener;

  Setup(Undecided undecided) {
    this.undecided = undecided;
  }
}
