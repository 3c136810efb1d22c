package io.nioring.internal.channel;

import io.nioring.internal.names.Namespace;
import io.nioring.internal.platform.PlatformProvider;
import io.nioring.internal.poll.SpinPolicy;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.route.Mode;
import io.nioring.route.Routes;
import io.nioring.socket.AbstractSocketAddress;
import io.nioring.socket.PeerCredentials;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.spi.SelectorProvider;

/**
 * What the channels of one network share.
 *
 * @param provider the provider that opens them
 * @param names the addresses
 * @param memory the ring memory
 * @param platform the way to the kernel
 * @param registry the open channels
 * @param counters where traffic went
 * @param bufferBytes the bound of a direction when nobody asks for another
 * @param spinning how long threads look again before they sleep
 * @param idleNanos how long a ring is idle before its memory goes back
 * @param mode the mode of addresses that no route names
 * @param routes the modes of addresses by rule
 * @param identity who the channels are to their peers; null for the process
 */
public record NetworkResources(
    SelectorProvider provider,
    Namespace names,
    MemoryPool memory,
    PlatformProvider platform,
    ChannelRegistry registry,
    TrafficCounters counters,
    int bufferBytes,
    SpinPolicy spinning,
    long idleNanos,
    Mode mode,
    Routes routes,
    PeerCredentials identity) {

  /** The same network as another provider opens channels on it, with an identity of their own. */
  public NetworkResources of(SelectorProvider other, PeerCredentials otherIdentity) {
    return new NetworkResources(
        other,
        names,
        memory,
        platform,
        registry,
        counters,
        bufferBytes,
        spinning,
        idleNanos,
        mode,
        routes,
        otherIdentity);
  }

  /** Whether an address may belong to the kernel at all. */
  boolean mayReachKernel() {
    return mode != Mode.RING || !routes.isEmpty();
  }

  /** Whether datagram channels are ours: some of their addresses are in this JVM alone. */
  public boolean hasDatagrams() {
    return routes.mayBeDatagramsInRing(mode == Mode.RING);
  }

  /** The mode of an address of datagrams: {@code ring} or {@code kernel}. */
  Mode datagramModeFor(InetSocketAddress address) {
    return routes.datagramModeFor(address, mode) == Mode.RING ? Mode.RING : Mode.KERNEL;
  }

  /** The mode of an address; an abstract one is never the kernel's, which java.nio cannot name. */
  Mode modeFor(SocketAddress address) {
    return address instanceof AbstractSocketAddress ? Mode.RING : routes.modeFor(address, mode);
  }
}
