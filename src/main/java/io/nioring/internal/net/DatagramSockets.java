package io.nioring.internal.net;

import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.platform.FirstUses;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.DatagramSocketImpl;
import java.util.function.Supplier;

/** Makes {@code java.net}'s datagram sockets those of a network. */
public final class DatagramSockets {
  private DatagramSockets() {}

  /**
   * Makes each {@link DatagramSocket} and {@link java.net.MulticastSocket} created from now on
   * belong to the network; once in a JVM. Does nothing if all datagrams of the network belong to
   * the platform. Adaptors of channels are not affected.
   *
   * @param network supplies the network for each new socket
   * @param family which addresses the sockets take
   * @return whether it was done
   * @throws IOException "factory already defined" if the program or another network did it before
   */
  @SuppressWarnings("deprecation") // there is no other way for plain sockets
  public static boolean install(Supplier<NetworkResources> network, AddressFamily family)
      throws IOException {
    if (!network.get().hasDatagrams()) {
      return false;
    }
    DatagramSocket.setDatagramSocketImplFactory(() -> socket(network.get(), family));
    return true;
  }

  private static DatagramSocketImpl socket(NetworkResources network, AddressFamily family) {
    FirstUses.ofDatagrams();
    return new RingDatagramSocketImpl(network, family);
  }
}
