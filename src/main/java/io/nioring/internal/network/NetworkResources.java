package io.nioring.internal.network;

import io.nioring.internal.names.Namespace;
import io.nioring.internal.platform.PlatformProvider;
import io.nioring.internal.poll.SpinPolicy;
import io.nioring.internal.stream.Wire;
import io.nioring.internal.time.Clock;
import io.nioring.route.Mode;
import io.nioring.socket.PeerCredentials;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.spi.SelectorProvider;

/**
 * What the sockets of one network share.
 *
 * @param provider the provider that opens its channels
 * @param names the addresses
 * @param verdicts the rules for where addresses lead
 * @param wire the wire of its connections
 * @param platform the source of kernel sockets
 * @param registry the open channels
 * @param counters the counters of its traffic
 * @param adaptors makes the {@code java.net} sockets of channels
 * @param spinning how long threads spin before they sleep
 * @param maxBufferBytes the largest buffer size that may be requested for a direction
 * @param identity the identity of the sockets as their peers see it; null for the process's
 */
public record NetworkResources(
    SelectorProvider provider,
    Namespace names,
    Verdicts verdicts,
    Wire wire,
    PlatformProvider platform,
    ChannelRegistry registry,
    TrafficCounters counters,
    Adaptors adaptors,
    SpinPolicy spinning,
    int maxBufferBytes,
    PeerCredentials identity) {

  /** The same network for another provider, whose channels have their own identity. */
  public NetworkResources of(SelectorProvider other, PeerCredentials otherIdentity) {
    return new NetworkResources(
        other,
        names,
        verdicts,
        wire,
        platform,
        registry,
        counters,
        adaptors,
        spinning,
        maxBufferBytes,
        otherIdentity);
  }

  /** The same network for another provider, whose channels have their own addresses. */
  public NetworkResources of(SelectorProvider other, Namespace otherNames, Verdicts otherVerdicts) {
    return new NetworkResources(
        other,
        otherNames,
        otherVerdicts,
        wire,
        platform,
        registry,
        counters,
        adaptors,
        spinning,
        maxBufferBytes,
        identity);
  }

  /** The time of the network. */
  public Clock clock() {
    return wire.clock();
  }

  /**
   * The effective value of a size requested by SO_SNDBUF or SO_RCVBUF: one that is too large is
   * reduced without an error, as in the kernel (socket(7)).
   *
   * @param asked the size; 0 for none, which is unchanged
   */
  public int sizeWish(int asked) {
    return Math.min(asked, maxBufferBytes);
  }

  /** The capacity of a direction for a requested size, 0 for none. */
  public int bufferBytes(int asked) {
    return asked == 0 ? bufferBytes() : sizeWish(asked);
  }

  /** The capacity of a direction when neither end requests a size. */
  public int bufferBytes() {
    return wire.bufferBytes();
  }

  /** Whether an address may belong to the kernel at all. */
  public boolean mayReachKernel() {
    return verdicts.mayReachKernel();
  }

  /** Whether datagram channels are ours: some of their addresses exist only in this JVM. */
  public boolean hasDatagrams() {
    return verdicts.hasDatagrams();
  }

  /** The mode of a datagram address: {@code ring} or {@code kernel}. */
  public Mode datagramModeFor(InetSocketAddress address) {
    return verdicts.datagramModeFor(address);
  }

  /** The mode of an address. */
  public Mode modeFor(SocketAddress address) {
    return verdicts.modeFor(address);
  }
}
