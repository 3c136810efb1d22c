package io.nioring.observe;

import io.nioring.RingNetwork;
import io.nioring.internal.network.NetworkResources;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;

/** The way from a network, as its users have it, to what it is made of. */
final class NetworkInternals {
  private static final MethodHandle RESOURCES;

  static {
    try {
      RESOURCES =
          MethodHandles.privateLookupIn(RingNetwork.class, MethodHandles.lookup())
              .findGetter(RingNetwork.class, "resources", NetworkResources.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private NetworkInternals() {}

  /** What a network is made of. */
  static NetworkResources of(RingNetwork network) {
    try {
      return (NetworkResources) RESOURCES.invokeExact(network);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a field cannot be read", e);
    }
  }
}
