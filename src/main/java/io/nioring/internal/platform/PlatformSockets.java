package io.nioring.internal.platform;

import java.net.SocketImpl;

/**
 * Makes the platform's own implementations of {@code java.net} sockets, which no public API gives
 * out while socket factories are set.
 *
 * <p>Only the kernel's connections ask here: a network without any never does.
 */
public final class PlatformSockets {
  private static final String NIO = "sun.nio.ch.NioSocketImpl";
  private static final String SOCKS = "java.net.SocksSocketImpl";

  private PlatformSockets() {}

  /**
   * The implementation of a client's socket, which goes by a SOCKS proxy if the system properties
   * name one; without the module {@code jdk.unsupported} it does not.
   *
   * @throws UnsupportedOperationException if it can't be had in this run time; the message names
   *     the flag that would help
   */
  public static SocketImpl client() {
    SocketImpl plain = nio(false);
    try {
      return (SocketImpl)
          PlatformConstructors.make(SOCKS, new Class<?>[] {SocketImpl.class}, plain);
    } catch (UnsupportedOperationException e) {
      return plain; // which an export of its own package made: there is none for java.net
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
