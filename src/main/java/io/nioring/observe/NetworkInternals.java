package io.nioring.observe;

import io.nioring.RingNetwork;
import io.nioring.internal.network.NetworkFaults;
import io.nioring.internal.network.NetworkParts;
import io.nioring.internal.network.NetworkResources;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Gives access to the internals of a network, which are not API: by a private lookup, which one
 * package of a module may have into another.
 */
final class NetworkInternals {
  private static final VarHandle RESOURCES;
  private static final VarHandle PARTS;

  static {
    try {
      MethodHandles.Lookup lookup =
          MethodHandles.privateLookupIn(RingNetwork.class, MethodHandles.lookup());
      RESOURCES = lookup.findVarHandle(RingNetwork.class, "resources", NetworkResources.class);
      PARTS = lookup.findVarHandle(RingNetwork.class, "parts", NetworkParts.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private NetworkInternals() {}

  /** What the sockets of a network share. */
  static NetworkResources of(RingNetwork network) {
    return (NetworkResources) RESOURCES.get(network);
  }

  /**
   * The faults of a network.
   *
   * @throws IllegalStateException if it can have none; the message says how it could
   */
  static NetworkFaults faultsOf(RingNetwork network) {
    NetworkFaults faults = ((NetworkParts) PARTS.get(network)).faults();
    if (faults == null) {
      throw new IllegalStateException(
          "the network is not simulated: start its JVM with -Dnioring.faults=, which may be empty");
    }
    return faults;
  }

  /** Whether a network can have faults. */
  static boolean hasFaults(RingNetwork network) {
    return ((NetworkParts) PARTS.get(network)).faults() != null;
  }
}
