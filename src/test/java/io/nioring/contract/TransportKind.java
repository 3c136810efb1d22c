package io.nioring.contract;

import java.net.StandardProtocolFamily;

/** The providers and address families that the contract suite runs on. */
enum TransportKind {
  /** The platform's TCP on the IPv4 loopback: the oracle for inet addresses. */
  PLATFORM_INET4(StandardProtocolFamily.INET, false),
  /** The platform's Unix-domain sockets: the oracle for readiness, half-close and reset. */
  PLATFORM_UNIX(StandardProtocolFamily.UNIX, false),
  /** A ring network, addressed by IPv4 addresses. */
  RING_INET4(StandardProtocolFamily.INET, true),
  /** A ring network, addressed by IPv6 addresses. */
  RING_INET6(StandardProtocolFamily.INET6, true),
  /** A ring network, addressed by paths. */
  RING_UNIX(StandardProtocolFamily.UNIX, true);

  private final StandardProtocolFamily family;
  private final boolean ring;

  TransportKind(StandardProtocolFamily family, boolean ring) {
    this.family = family;
    this.ring = ring;
  }

  StandardProtocolFamily family() {
    return family;
  }

  boolean isRing() {
    return ring;
  }

  boolean isUnix() {
    return family == StandardProtocolFamily.UNIX;
  }
}
