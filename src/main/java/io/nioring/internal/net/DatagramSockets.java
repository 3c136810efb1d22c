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
   * Lets each {@link DatagramSocket} and {@link java.net.MulticastSocket} that is made from now on
   * be the network's; once in a JVM. Nothing happens if the network's datagrams are all the
   * platform's. Adaptors of channels are not concerned.
   *
   * @param network what a socket is made with; asked when one is made
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
