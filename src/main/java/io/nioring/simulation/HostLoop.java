package io.nioring.simulation;

import java.util.function.BooleanSupplier;

/** A part of a program that is stepped, and the host that it runs on. */
record HostLoop(RingHost host, BooleanSupplier step) {
  /** Does what can be done now; whether that was anything. */
  boolean run() {
    return host.threads().as(step::getAsBoolean);
  }
}
