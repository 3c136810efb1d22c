package io.nioring.agent;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkStatistics;
import io.nioring.RingSelectorProvider;
import java.nio.channels.spi.SelectorProvider;

/** Tells on standard output what the network of the JVM has done. */
final class Report {

  private Report() {}

  static void print() {
    if (SelectorProvider.provider() instanceof RingSelectorProvider provider) {
      RingNetwork network = provider.network();
      RingNetworkStatistics done = network.statistics();
      System.out.println(
          network.config().mode()
              + ": "
              + done.ringConnections()
              + " over rings, "
              + done.kernelConnections()
              + " to the kernel");
    } else {
      System.out.println("no rings");
    }
  }
}
