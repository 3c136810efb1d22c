package io.nioring.internal.core;

import io.nioring.internal.names.Binding;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.route.Mode;
import io.nioring.socket.AbstractSocketAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;

/** Takes names in a network's namespace for the sockets that are bound to them. */
public final class Binder {
  /** The name of a Unix socket that has none. */
  public static final UnixDomainSocketAddress UNNAMED = UnixDomainSocketAddress.of("");

  private Binder() {}

  /**
   * The mode in which a channel is bound.
   *
   * @param wanted the address that was asked for; null if any will do
   */
  public static Mode modeToBind(
      NetworkResources network, AddressFamily family, SocketAddress wanted) {
    if (wanted != null) {
      return network.modeFor(wanted);
    }
    return network.modeFor(family.isUnix() ? network.names().freshPath() : family.anyAddress());
  }

  /**
   * Binds a client.
   *
   * @return null for a Unix client that stays unnamed, as null and the empty path leave it
   */
  public static Binding bindClient(
      NetworkResources network, AddressFamily family, SocketAddress wanted, OptionValues options)
      throws IOException {
    if (!family.isUnix()) {
      return bindInet(network, family, wanted, options);
    }
    return wanted == null || UNNAMED.equals(wanted) ? null : bindUnix(network, wanted);
  }

  /**
   * Binds a server, which is not bound in the kernel alone.
   *
   * @return null for a file of the kernel's that cannot be told from others
   */
  public static Binding bindServer(
      NetworkResources network,
      AddressFamily family,
      SocketAddress wanted,
      Mode mode,
      OptionValues options)
      throws IOException {
    if (!family.isUnix()) {
      return bindInet(network, family, wanted, options);
    } else if (mode == Mode.HYBRID) {
      return network.names().bindFile((UnixDomainSocketAddress) wanted);
    }
    return wanted == null ? network.names().bindFreshPath() : bindUnix(network, wanted);
  }

  private static Binding bindInet(
      NetworkResources network, AddressFamily family, SocketAddress wanted, OptionValues options)
      throws IOException {
    InetSocketAddress address =
        wanted == null ? family.anyAddress() : family.toBind((InetSocketAddress) wanted);
    return network
        .names()
        .bind(
            address,
            family == AddressFamily.INET,
            options.getBoolean(StandardSocketOptions.SO_REUSEPORT));
  }

  private static Binding bindUnix(NetworkResources network, SocketAddress wanted)
      throws IOException {
    return wanted instanceof AbstractSocketAddress name
        ? network.names().bind(name)
        : network.names().bind((UnixDomainSocketAddress) wanted);
  }
}
