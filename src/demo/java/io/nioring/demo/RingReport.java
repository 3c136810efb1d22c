package io.nioring.demo;

import io.nioring.RingNetworkStatistics;
import io.nioring.RingSelectorProvider;
import java.nio.channels.spi.SelectorProvider;

/** Asks nioring what went over its rings: the only class of the demo that knows nioring. */
final class RingReport {
  private RingReport() {}

  /** The traffic of this virtual machine so far; nioring must be its provider. */
  static RingTraffic read() {
    RingSelectorProvider provider = (RingSelectorProvider) SelectorProvider.provider();
    RingNetworkStatistics statistics = provider.network().statistics();
    return new RingTraffic(
        statistics.ringConnections(), statistics.ringBytes(), statistics.kernelConnections());
  }
}
