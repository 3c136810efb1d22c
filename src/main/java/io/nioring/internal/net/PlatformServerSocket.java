package io.nioring.internal.net;

import io.nioring.internal.platform.PlatformSockets;
import java.net.ServerSocket;

/** A server socket with the platform's own implementation, also for the sockets that it accepts. */
final class PlatformServerSocket extends ServerSocket {
  /**
   * Makes an unbound one.
   *
   * @throws UnsupportedOperationException if the platform's implementation is not available
   */
  PlatformServerSocket() {
    super(PlatformSockets.server());
  }
}
