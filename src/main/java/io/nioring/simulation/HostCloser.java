package io.nioring.simulation;

import io.nioring.internal.network.CloseFailures;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.time.Clock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channel;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Closes all channels of a host, as the end of a process does.
 *
 * <p>A thread of the host may be inside an accept: the end that it has taken from the queue has no
 * channel yet, which then would outlive the host. Such a thread is waited for.
 */
final class HostCloser {
  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LOOK_NANOS = 50_000;

  private final World world;
  private final RingHost host;
  private final CloseFailures failures = new CloseFailures();

  HostCloser(World world, RingHost host) {
    this.world = world;
    this.host = host;
  }

  /** Closes all, whatever fails; then throws it. */
  void close() {
    long until = Clock.SYSTEM.nanoTime() + LONGEST_NANOS;
    boolean goesOn = true;
    while (goesOn) {
      boolean accepts = hasEndWithoutChannel(); // before: then its channel is among the next ones
      host.channels().forEach(this::close);
      goesOn = accepts && Clock.SYSTEM.nanoTime() - until < 0;
      if (goesOn) {
        Clock.SYSTEM.parkNanos(this, LOOK_NANOS);
      }
    }
    try {
      failures.rethrow();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close all channels of " + host, e);
    }
  }

  /** Also those that wait in the queue of a listener, which closes them. */
  private boolean hasEndWithoutChannel() {
    Set<Endpoint> known = host.ends();
    return !known.containsAll(world.openEndsOf(host));
  }

  private void close(Channel each) {
    try {
      each.close();
    } catch (IOException | RuntimeException | Error e) {
      failures.add(e);
    }
  }
}
