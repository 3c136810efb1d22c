package io.nioring.internal.core;

import io.nioring.internal.names.BindOptions;
import io.nioring.internal.names.Binding;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.route.Mode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;

/** Takes addresses in a network's namespace on behalf of the sockets that are bound to them. */
public final class Binder {
  /** The address of an unnamed Unix socket. */
  public static final UnixDomainSocketAddress UNNAMED = UnixDomainSocketAddress.of("");

  /** How many ports chosen by the kernel are tried when they may be in use by rings. */
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

  /** Whether an address lets the bind choose the port, or the whole address. */
  public static boolean isAnyChoice(SocketAddress wanted) {
    return wanted == null || (wanted instanceof InetSocketAddress ip && ip.getPort() == 0);
  }

  /**
   * Binds a client.
   *
   * @param kernelToo whether the kernel has bound it already
   * @return null for a Unix client that needs no name here: one that stays unnamed, as with null
   *     and the empty path, or whose name belongs to the kernel
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
   * Binds a server that is not bound only in the kernel.
   *
   * @return null for a socket file of the kernel that cannot be identified
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

  /** Whether an option decides who else may bind an address. */
  static boolean isSharing(SocketOption<?> option) {
    return option == StandardSocketOptions.SO_REUSEADDR
        || option == StandardSocketOptions.SO_REUSEPORT;
  }

  /**
   * Notifies a name of an option that was set after the bind.
   *
   * @param name null if there is none
   */
  static void share(Binding name, OptionValues options) {
    if (name != null) {
      name.share(
          options.getBoolean(StandardSocketOptions.SO_REUSEADDR),
          options.getBoolean(StandardSocketOptions.SO_REUSEPORT));
    }
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
