package io.nioring.agent;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Tries out the settings of the JVM's network, which throws for wrong ones: if the JDK met them
 * first, the JVM could have no provider any more. That is no API of the network, so it is found by
 * a private lookup, which one package of a module has into another.
 */
final class TrialNetwork {
  private static final MethodHandle TRY_OUT;

  static {
    try {
      TRY_OUT =
          MethodHandles.privateLookupIn(RingNetwork.class, MethodHandles.lookup())
              .findStatic(
                  RingNetwork.class, "tryOut", MethodType.methodType(RingNetworkConfig.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private TrialNetwork() {}

  /**
   * Opens a network and closes it.
   *
   * @return its configuration
   */
  static RingNetworkConfig tryOut() {
    try {
      return (RingNetworkConfig) TRY_OUT.invokeExact();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) { // the method declares no other
      throw new IllegalStateException("cannot try out the settings", e);
    }
  }
}
