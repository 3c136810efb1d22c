package io.nioring.simulation;

import io.nioring.internal.core.OptionValues;
import io.nioring.internal.core.SocketState;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;

/**
 * How an end that asks for it looks for signs of life (tcp(7), SO_KEEPALIVE): a probe after the
 * idle time, then one in each interval, until a number of them were not answered.
 *
 * @param idleNanos the time until the first probe
 * @param intervalNanos the time between two
 * @param count how many are sent
 */
record KeepAlive(long idleNanos, long intervalNanos, int count) {
  /** What a socket asks for, which may be null; null for none. */
  static KeepAlive of(SocketState socket) {
    if (socket == null || !socket.options().getBoolean(StandardSocketOptions.SO_KEEPALIVE)) {
      return null;
    }
    OptionValues options = socket.options();
    return new KeepAlive(
        TimeUnit.SECONDS.toNanos(value(options, ExtendedSocketOptions.TCP_KEEPIDLE)),
        TimeUnit.SECONDS.toNanos(value(options, ExtendedSocketOptions.TCP_KEEPINTERVAL)),
        value(options, ExtendedSocketOptions.TCP_KEEPCOUNT));
  }

  private static int value(OptionValues options, SocketOption<Integer> name) {
    return (int) options.get(name);
  }

  /** How long it takes to give up a peer that does not answer. */
  long givesUpAfterNanos() {
    return idleNanos + intervalNanos * count;
  }

  /** How long after the last sign of life the next probe is sent, if that long has passed. */
  long nextProbeNanos(long passedNanos) {
    long beyondFirst = Math.max(0, passedNanos - idleNanos);
    return idleNanos + (beyondFirst + intervalNanos - 1) / intervalNanos * intervalNanos;
  }
}
