package io.nioring.internal.net;

import io.nioring.internal.platform.PlatformSockets;
import java.net.Socket;
import java.net.SocketException;

/** A socket with the platform's own implementation, whatever factory the JVM has. */
final class PlatformSocket extends Socket {
  /**
   * Makes an unconnected one.
   *
   * @throws UnsupportedOperationException if the platform's implementation is not available
   */
  PlatformSocket() throws SocketException {
    super(PlatformSockets.client());
  }
}
