package io.nioring.internal.platform;

import java.net.SocketImpl;

/**
 * Makes the platform's own implementations of {@code java.net} sockets, which no public API returns
 * while socket factories are set.
 *
 * <p>Used only for kernel connections: a network without any never does.
 */
public final class PlatformSockets {
  private static final String NIO = "sun.nio.ch.NioSocketImpl";
  private static final String SOCKS = "java.net.SocksSocketImpl";

  private PlatformSockets() {}

  /**
   * The implementation of a client's socket, which uses a SOCKS proxy if the system properties name
   * one, unless the module {@code jdk.unsupported} is missing.
   *
   * @throws UnsupportedOperationException if it is not available in this run time; the message
   *     names the flag that would help
   */
  public static SocketImpl client() {
    SocketImpl plain = nio(false);
    try {
      return (SocketImpl)
          PlatformConstructors.make(SOCKS, new Class<?>[] {SocketImpl.class}, plain);
    } catch (UnsupportedOperationException e) {
      return plain; // made because of the export of its own package: java.net has none
    }
  }

  /**
   * The implementation of a server's socket.
   *
   * @throws UnsupportedOperationException as {@link #client} does
   */
  public static SocketImpl server() {
    return nio(true);
  }

  private static SocketImpl nio(boolean server) {
    return (SocketImpl) PlatformConstructors.make(NIO, new Class<?>[] {boolean.class}, server);
  }
}
