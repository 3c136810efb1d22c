package io.nioring.simulation;

import io.nioring.internal.core.OptionValues;
import io.nioring.internal.core.SocketState;
import io.nioring.internal.stream.Endpoint;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;

/**
 * How long an end that asks for it waits for signs of life (tcp(7), SO_KEEPALIVE): the idle time,
 * then a probe in each interval, until a number of them were not answered.
 */
final class KeepAlive {
  private KeepAlive() {}

  /**
   * The time until the connection is given up.
   *
   * @return nanoseconds; -1 if the end does not ask for it
   */
  static long nanosOf(RingHost host, Endpoint end) {
    SocketState socket = host.socketOf(end);
    if (socket == null || !socket.options().getBoolean(StandardSocketOptions.SO_KEEPALIVE)) {
      return -1;
    }
    OptionValues options = socket.options();
    long seconds =
        value(options, ExtendedSocketOptions.TCP_KEEPIDLE)
            + (long) value(options, ExtendedSocketOptions.TCP_KEEPINTERVAL)
                * value(options, ExtendedSocketOptions.TCP_KEEPCOUNT);
    return TimeUnit.SECONDS.toNanos(seconds);
  }

  private static int value(OptionValues options, SocketOption<Integer> name) {
    return (int) options.get(name);
  }
}
