package io.nioring.observe;

import io.nioring.RingNetwork;
import io.nioring.internal.network.NetworkResources;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Leads from a network to what its sockets share, which is no API: by a private look-up, which one
 * package of a module has into another.
 */
final class NetworkInternals {
  private static final VarHandle RESOURCES;

  static {
    try {
      RESOURCES =
          MethodHandles.privateLookupIn(RingNetwork.class, MethodHandles.lookup())
              .findVarHandle(RingNetwork.class, "resources", NetworkResources.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private NetworkInternals() {}

  /** What the sockets of a network share. */
  static NetworkResources of(RingNetwork network) {
    return (NetworkResources) RESOURCES.get(network);
  }
}
