package io.nioring.internal.hybrid;

import io.nioring.internal.blocking.BlockingOperation;
import io.nioring.internal.blocking.Facade;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Waiter;
import io.nioring.internal.select.RingSelectionKey;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.util.Map;

/**
 * The kernel's listening socket behind one of ours: the platform's, of the same kind as the facade.
 *
 * <p>It is a {@link Waiter} in the poll set of the ring's queue. Accepting and waiting are done by
 * one thread at a time, under the accept lock.
 */
public interface KernelListener extends Waiter, Closeable {
  /** Listens in the kernel. */
  @FunctionalInterface
  interface Opener {
    /**
     * Opens and binds a listening socket.
     *
     * @param local the address, null for one that the platform chooses
     * @param options the options set
     * @param accepting the waiters for connections, to be woken if one arrives while no thread is
     *     in {@link KernelListener#await}
     * @throws UnsupportedOperationException if the platform's own sockets are not available
     */
    KernelListener bind(
        NetworkResources network,
        AddressFamily family,
        SocketAddress local,
        int backlog,
        Map<SocketOption<?>, Object> options,
        PollSet accepting)
        throws IOException;
  }

  /** The address that it is bound to. */
  SocketAddress localAddress() throws IOException;

  /** A connection queued in the kernel; null if there is none. */
  Closeable accept() throws IOException;

  /**
   * Waits for a connection in the kernel or in the ring's queue, for a close, or until the time is
   * over.
   *
   * @param waiting how the accepting thread waits for the queue
   * @param facade the facade on whose behalf it waits
   * @return whether a connection is queued in the kernel
   */
  boolean await(BlockingOperation waiting, Facade facade, long nanos) throws IOException;

  /**
   * The bits of {@link io.nioring.internal.poll.Readiness} that it adds to those of the ring's
   * queue.
   */
  int readiness();

  /** Sets an option. */
  <T> void setOption(SocketOption<T> name, T value) throws IOException;

  /** The value of an option. */
  <T> T option(SocketOption<T> name) throws IOException;

  /** Takes a key of the facade. */
  void registered(RingSelectionKey key) throws IOException;

  /** Closes the socket; may be called repeatedly. */
  @Override
  void close() throws IOException;
}
