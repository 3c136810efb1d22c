package io.nioring.contract;

import io.nioring.route.Mode;
import java.net.StandardProtocolFamily;

/** The providers and address families that the contract suite runs on. */
enum TransportKind {
  /** The platform's TCP on the IPv4 loopback: the oracle for inet addresses. */
  PLATFORM_INET4(StandardProtocolFamily.INET, null),
  /** The platform's Unix-domain sockets: the oracle for readiness, half-close and reset. */
  PLATFORM_UNIX(StandardProtocolFamily.UNIX, null),
  /** A ring network, addressed by IPv4 addresses. */
  RING_INET4(StandardProtocolFamily.INET, Mode.RING),
  /** A ring network, addressed by IPv6 addresses. */
  RING_INET6(StandardProtocolFamily.INET6, Mode.RING),
  /** A ring network, addressed by paths. */
  RING_UNIX(StandardProtocolFamily.UNIX, Mode.RING),
  /** A simulated network without faults. */
  SIMULATED_INET4(StandardProtocolFamily.INET, Mode.RING),
  /** A simulated network with virtual time, where all is some milliseconds on its way. */
  LATE_INET4(StandardProtocolFamily.INET, Mode.RING),
  /** A hybrid network: bound in the kernel too, connected over rings. */
  HYBRID_INET4(StandardProtocolFamily.INET, Mode.HYBRID),
  /** The same, addressed by paths. */
  HYBRID_UNIX(StandardProtocolFamily.UNIX, Mode.HYBRID);

  private final StandardProtocolFamily family;
  private final Mode mode;

  TransportKind(StandardProtocolFamily family, Mode mode) {
    this.family = family;
    this.mode = mode;
  }

  StandardProtocolFamily family() {
    return family;
  }

  /** The mode of the network, or null on the platform. */
  Mode mode() {
    return mode;
  }

  /** Whether connections go over rings. */
  boolean isRing() {
    return mode != null;
  }

  /** Whether it is a simulation's network. */
  boolean isSimulated() {
    return this == SIMULATED_INET4 || this == LATE_INET4;
  }

  /** Whether what is sent arrives when {@link TestTransport#settle} lets time pass. */
  boolean isLate() {
    return this == LATE_INET4;
  }

  /** Whether addresses are taken in the kernel. */
  boolean bindsInKernel() {
    return mode != Mode.RING;
  }

  boolean isUnix() {
    return family == StandardProtocolFamily.UNIX;
  }
}
