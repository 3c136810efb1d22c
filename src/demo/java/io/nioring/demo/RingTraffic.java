package io.nioring.demo;

/**
 * What went over rings in a virtual machine.
 *
 * @param connections connections made over rings
 * @param bytes bytes that crossed them
 * @param kernelConnections connections that nioring sent to the kernel instead
 */
record RingTraffic(long connections, long bytes, long kernelConnections) {
  /** Where nioring is not the provider. */
  static final RingTraffic NONE = new RingTraffic(0, 0, 0);
}
