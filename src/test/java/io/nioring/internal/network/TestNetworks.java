package io.nioring.internal.network;

import io.nioring.internal.adaptor.ChannelAdaptors;
import io.nioring.internal.address.Interfaces;
import io.nioring.internal.names.Namespace;
import io.nioring.internal.platform.PlatformProvider;
import io.nioring.internal.poll.SpinPolicy;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.stream.Wire;
import io.nioring.internal.time.Clock;
import io.nioring.route.Mode;
import io.nioring.route.Routes;
import java.nio.file.Path;

/** Networks of which a test makes the parts that it looks at. */
public final class TestNetworks {
  private static final int BUFFER_BYTES = 1 << 20;

  private TestNetworks() {}

  /** A network of some parts, whose threads sleep at once. */
  public static NetworkResources of(
      MemoryPool memory,
      PlatformProvider platform,
      ChannelRegistry registry,
      TrafficCounters counters,
      Mode mode) {
    Namespace names = new Namespace(Path.of("/tmp"), Interfaces.OF_MACHINE);
    return new NetworkResources(
        null,
        names,
        new Verdicts(names, mode, Routes.none()),
        new Wire(memory, BUFFER_BYTES, Clock.SYSTEM),
        platform,
        registry,
        counters,
        new ChannelAdaptors(Clock.SYSTEM),
        new SpinPolicy(0),
        16 * BUFFER_BYTES,
        null);
  }
}
