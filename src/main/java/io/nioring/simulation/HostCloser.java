package io.nioring.simulation;

import io.nioring.internal.network.CloseFailures;
import io.nioring.internal.stream.Closing;
import io.nioring.internal.stream.Endpoint;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Closes all sockets of a host, as the end of a process does.
 *
 * <p>A thread of the host may be inside an accept: the end that it has taken from the queue has no
 * channel yet, which would outlive the host. Nobody waits for such a thread: the end itself is
 * closed, and then either this or the accept sees what the other has done.
 *
 * <pre>{@code
 * closer   closes the sockets, the listeners among them; closes the ends; closes the sockets
 * accept   takes an end; adds its socket; is the end closed? Closes the socket, and fails
 * }</pre>
 */
final class HostCloser {
  private final World world;
  private final RingHost host;
  private final CloseFailures failures = new CloseFailures();

  HostCloser(World world, RingHost host) {
    this.world = world;
    this.host = host;
  }

  /** Closes all, whatever fails; then throws it. */
  void close() {
    host.closeSockets(failures);
    world.openEndsOf(host).forEach(this::close); // nobody takes one from a queue any more
    host.closeSockets(failures);
    try {
      failures.rethrow();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close all channels of " + host, e);
    }
  }

  private void close(Endpoint withoutSocket) {
    try {
      host.resources().registry().rights().close(withoutSocket, Closing.RESET);
    } catch (RuntimeException | Error e) {
      failures.add(e);
    }
  }
}
