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
 * @param verdicts where the addresses lead
 * @param wire what connections are made with
 * @param platform the way to the kernel
 * @param registry the open channels
 * @param counters where traffic went
 * @param adaptors makes the {@code java.net} sockets of channels
 * @param spinning how long threads look again before they sleep
 * @param maxBufferBytes the most that anybody may ask for a direction
 * @param identity who the sockets are to their peers; null for the process
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

  /** The same network as another provider opens channels on it, with an identity of their own. */
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

  /** The same network as another provider opens channels on it, with addresses of their own. */
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
   * What counts of a size that was asked for, by SO_SNDBUF or SO_RCVBUF: one that is too large is
   * cut down without an error, as the kernel does (socket(7)).
   *
   * @param asked the size, 0 for none, which stays
   */
  public int sizeWish(int asked) {
    return Math.min(asked, maxBufferBytes);
  }

  /** The bound of a direction for a size that was asked for, 0 for none. */
  public int bufferBytes(int asked) {
    return asked == 0 ? bufferBytes() : sizeWish(asked);
  }

  /** The most bytes of a direction when neither end asks for a size. */
  public int bufferBytes() {
    return wire.bufferBytes();
  }

  /** Whether an address may belong to the kernel at all. */
  public boolean mayReachKernel() {
    return verdicts.mayReachKernel();
  }

  /** Whether datagram channels are ours: some of their addresses are in this JVM alone. */
  public boolean hasDatagrams() {
    return verdicts.hasDatagrams();
  }

  /** The mode of an address of datagrams: {@code ring} or {@code kernel}. */
  public Mode datagramModeFor(InetSocketAddress address) {
    return verdicts.datagramModeFor(address);
  }

  /** The mode of an address. */
  public Mode modeFor(SocketAddress address) {
    return verdicts.modeFor(address);
  }
}
