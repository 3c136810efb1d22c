package io.nioring.internal.net;

import io.nioring.RingNetwork;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import java.lang.reflect.Field;
import java.net.DatagramSocket;

/** Plain datagram sockets of a network, without the factory, which a JVM takes once. */
public final class PlainDatagramSockets {
  private PlainDatagramSockets() {}

  /** A socket without a name, as {@code new DatagramSocket(null)} is one with the factory. */
  public static DatagramSocket open(RingNetwork network) throws ReflectiveOperationException {
    return new Open(new RingDatagramSocketImpl(resources(network), AddressFamily.INET));
  }

  /** The parts of a network. */
  static NetworkResources resources(RingNetwork network) throws ReflectiveOperationException {
    Field field = RingNetwork.class.getDeclaredField("resources");
    field.setAccessible(true);
    return (NetworkResources) field.get(network);
  }

  /** A socket of an implementation. */
  private static final class Open extends DatagramSocket {
    Open(RingDatagramSocketImpl implementation) {
      super(implementation);
    }
  }
}
