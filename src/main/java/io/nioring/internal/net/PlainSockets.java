package io.nioring.internal.net;

import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.platform.PlatformSockets;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketImpl;
import java.util.function.Supplier;
import javax.net.ServerSocketFactory;
import javax.net.SocketFactory;

/** Makes the plain sockets of a network, and can make those of the whole JVM belong to it. */
public final class PlainSockets {
  private static final String LOCAL_MANAGEMENT =
      "sun.management.jmxremote.LocalRMIServerSocketFactory";

  private final Supplier<NetworkResources> network;
  private final Supplier<AddressFamily> family;

  /**
   * Whether the JVM's sockets are the platform's again: another thread has set the second factory
   * just before us.
   */
  private volatile boolean steppedBack;

  /** Whether the JVM's sockets are this network's. Guarded by the monitor. */
  private boolean installed;

  /**
   * Makes them for a network.
   *
   * @param network supplies the network for each new socket
   * @param family which addresses the sockets take; asked when one is made
   */
  public PlainSockets(Supplier<NetworkResources> network, Supplier<AddressFamily> family) {
    this.network = network;
    this.family = family;
  }

  private SocketImpl client() {
    return new RingSocketImpl(network.get(), family.get());
  }

  /**
   * Of the JVM's own server sockets, that of the JDK's agent for local JMX clients uses the kernel
   * in every mode: its clients are other programs, and its port cannot be named in a route in
   * advance.
   */
  private SocketImpl serverOfJvm() {
    if (isForLocalManagement()) {
      try {
        return PlatformSockets.server();
      } catch (UnsupportedOperationException e) {
        // Only programs in this JVM will find it.
      }
    }
    return server();
  }

  private static boolean isForLocalManagement() {
    return StackWalker.getInstance()
        .walk(frames -> frames.anyMatch(each -> each.getClassName().startsWith(LOCAL_MANAGEMENT)));
  }

  private SocketImpl server() {
    return new RingServerSocketImpl(network.get(), family.get());
  }

  /** The factory of the network's client sockets. */
  public SocketFactory clients() {
    return new NetworkSocketFactory(this::client, network.get().verdicts());
  }

  /** The factory of the network's server sockets. */
  public ServerSocketFactory servers() {
    return new NetworkServerSocketFactory(this::server, this::client);
  }

  /**
   * Makes each {@link Socket} and {@link ServerSocket} created from now on belong to the network,
   * and each datagram socket if its datagrams do; once in a JVM. Adaptors of channels are not
   * affected. Does nothing if that was done before.
   *
   * @throws IOException "factory already defined" if the program or another network did it before,
   *     for any of them; all sockets are unchanged then
   */
  @SuppressWarnings("deprecation") // there is no other way for plain sockets
  public synchronized void install() throws IOException {
    if (installed) {
      return;
    }
    ensureNoneIsDefined();
    Socket.setSocketImplFactory(() -> steppedBack ? PlatformSockets.client() : client());
    try {
      ServerSocket.setSocketFactory(this::serverOfJvm);
    } catch (IOException | RuntimeException e) {
      steppedBack = true;
      throw e;
    }
    DatagramSockets.install(network, family.get());
    installed = true;
  }

  /** A factory of null is refused if there is one, and else changes nothing. */
  @SuppressWarnings("deprecation") // as above
  private void ensureNoneIsDefined() throws IOException {
    Socket.setSocketImplFactory(null);
    ServerSocket.setSocketFactory(null);
    if (network.get().hasDatagrams()) {
      DatagramSocket.setDatagramSocketImplFactory(null);
    }
  }
}
