package io.nioring.internal.channel;

import io.nioring.internal.names.Namespace;
import io.nioring.internal.platform.PlatformProvider;
import io.nioring.internal.poll.SpinPolicy;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.route.Mode;
import io.nioring.route.Routes;
import io.nioring.socket.AbstractSocketAddress;
import io.nioring.socket.PeerCredentials;
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
 * @param maxBufferBytes the most that anybody may ask for instead
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
    int maxBufferBytes,
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
        maxBufferBytes,
        mode,
        routes,
        otherIdentity);
  }

  /**
   * What counts of a size that was asked for, by SO_SNDBUF or SO_RCVBUF: one that is too large is
   * cut down without an error, as the kernel does (socket(7)).
   *
   * @param asked the size, 0 for none, which stays
   */
  int sizeWish(int asked) {
    return Math.min(asked, maxBufferBytes);
  }

  /** The bound of a direction for a size that was asked for, 0 for none. */
  int bufferBytes(int asked) {
    return asked == 0 ? bufferBytes : sizeWish(asked);
  }

  /** Whether an address may belong to the kernel at all. */
  boolean mayReachKernel() {
    return mode != Mode.RING || !routes.isEmpty();
  }

  /** The mode of an address; an abstract one is never the kernel's, which java.nio cannot name. */
  Mode modeFor(SocketAddress address) {
    return address instanceof AbstractSocketAddress ? Mode.RING : routes.modeFor(address, mode);
  }
}
