package io.nioring.internal.net;

import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import java.io.IOException;
import java.net.DatagramSocket;
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
    DatagramSocket.setDatagramSocketImplFactory(
        () -> new RingDatagramSocketImpl(network.get(), family));
    return true;
  }
}
