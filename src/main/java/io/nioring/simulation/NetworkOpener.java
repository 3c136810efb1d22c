package io.nioring.simulation;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.internal.network.NetworkParts;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Opens a network that is made of other parts, which is no API: by a private lookup, which one
 * package of a module has into another.
 */
final class NetworkOpener {
  private static final MethodHandle OPEN;

  static {
    try {
      OPEN =
          MethodHandles.privateLookupIn(RingNetwork.class, MethodHandles.lookup())
              .findStatic(
                  RingNetwork.class,
                  "open",
                  MethodType.methodType(
                      RingNetwork.class, RingNetworkConfig.class, NetworkParts.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private NetworkOpener() {}

  static RingNetwork open(RingNetworkConfig config, NetworkParts parts) {
    try {
      return (RingNetwork) OPEN.invokeExact(config, parts);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) { // the method declares no other
      throw new IllegalStateException("cannot open the network", e);
    }
  }
}
