package io.nioring.internal.core;

import io.nioring.internal.names.BindOptions;
import io.nioring.internal.names.Binding;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.route.Mode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;

/** Takes names in a network's namespace for the sockets that are bound to them. */
public final class Binder {
  /** The name of a Unix socket that has none. */
  public static final UnixDomainSocketAddress UNNAMED = UnixDomainSocketAddress.of("");

  /** How many ports of the kernel's choice are tried that rings may have. */
  public static final int MOST_CHOICES = 64;

  private Binder() {}

  /** The mode in which a channel is bound; {@code wanted} is null if any address will do. */
  public static Mode modeToBind(
      NetworkResources network, AddressFamily family, SocketAddress wanted) {
    return network.modeFor(wanted == null ? anyAddress(network, family) : wanted);
  }

  private static SocketAddress anyAddress(NetworkResources network, AddressFamily family) {
    return family.isUnix() ? network.names().freshPath() : family.anyAddress();
  }

  /** Whether an address leaves the port, or all of it, to the bind. */
  public static boolean isAnyChoice(SocketAddress wanted) {
    return wanted == null || (wanted instanceof InetSocketAddress ip && ip.getPort() == 0);
  }

  /**
   * Binds a client.
   *
   * @param kernelToo whether the kernel has bound it already
   * @return null for a Unix client that needs no name here: one that stays unnamed, as null and the
   *     empty path leave it, or whose name is the kernel's
   */
  public static Binding bindClient(
      NetworkResources network,
      AddressFamily family,
      SocketAddress wanted,
      boolean kernelToo,
      OptionValues options)
      throws IOException {
    if (family.isUnix() && (kernelToo || wanted == null || UNNAMED.equals(wanted))) {
      return null;
    }
    return bind(network, family, wanted, bindOptions(family, false, kernelToo, options));
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
    return bind(network, family, wanted, bindOptions(family, true, mode == Mode.HYBRID, options));
  }

  private static Binding bind(
      NetworkResources network, AddressFamily family, SocketAddress wanted, BindOptions options)
      throws IOException {
    SocketAddress address = wanted == null ? anyAddress(network, family) : wanted;
    return network
        .names()
        .bind(address instanceof InetSocketAddress ip ? family.toBind(ip) : address, options);
  }

  private static BindOptions bindOptions(
      AddressFamily family, boolean server, boolean kernelToo, OptionValues options) {
    return new BindOptions(
        server,
        kernelToo,
        family == AddressFamily.INET,
        !family.isUnix() && options.getBoolean(StandardSocketOptions.SO_REUSEADDR),
        !family.isUnix() && options.getBoolean(StandardSocketOptions.SO_REUSEPORT));
  }
}
