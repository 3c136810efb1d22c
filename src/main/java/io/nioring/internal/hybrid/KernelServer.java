package io.nioring.internal.hybrid;

import io.nioring.internal.blocking.BlockingOperation;
import io.nioring.internal.blocking.Facade;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.platform.PlatformOptions;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.SpinWait;
import io.nioring.internal.poll.Waiter;
import io.nioring.internal.select.RingSelectionKey;
import io.nioring.internal.time.Clock;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Map;

/**
 * The platform's listening channel behind one of ours, always non-blocking, with a way to wait for
 * it and a ring's queue at the same time.
 *
 * <p>As a {@link Waiter} of the ring's poll set it ends the wait when a connection comes over a
 * ring. Accepting and waiting are done by one thread at a time, under our accept lock.
 */
final class KernelServer implements KernelListener {
  /** Opens and binds them. */
  static final class Opening implements Opener {
    @Override
    public KernelListener bind(
        NetworkResources network,
        AddressFamily family,
        SocketAddress local,
        int backlog,
        Map<SocketOption<?>, Object> options,
        PollSet accepting)
        throws IOException {
      return KernelServer.bind(network, family, local, backlog, options, accepting);
    }
  }

  /** After this many accepts that found nothing the selector is opened, which costs descriptors. */
  private static final int EMPTY_ACCEPTS_BEFORE_SELECTOR = 8;

  private final ServerSocketChannel channel;
  private final Clock clock;

  /** Opened when an accept first waits for a connection, or when several found nothing. */
  private final DualWait wait;

  /** How many accepts found nothing while the wait was not open; under the accept lock. */
  private int emptyAccepts;

  /** Whether a wait has just found a connection; under the accept lock. */
  private boolean toldReady;

  /** Whether the last wait was ended by a ring: only then does spinning pay off; as above. */
  private boolean ringWokeLast;

  private KernelServer(ServerSocketChannel channel, SelectorProvider platform, Clock clock) {
    this.channel = channel;
    this.clock = clock;
    wait = new DualWait(platform, channel, SelectionKey.OP_ACCEPT);
  }

  /**
   * Opens and binds one; see {@link KernelListener.Opener}.
   *
   * @throws UnsupportedOperationException if the platform's provider is not available
   */
  static KernelServer bind(
      NetworkResources network,
      AddressFamily family,
      SocketAddress local,
      int backlog,
      Map<SocketOption<?>, Object> options,
      PollSet accepting)
      throws IOException {
    SelectorProvider platform = network.platform().get();
    ProtocolFamily named = family.protocolFamily();
    ServerSocketChannel channel =
        named == null
            ? platform.openServerSocketChannel()
            : platform.openServerSocketChannel(named);
    try {
      PlatformOptions.apply(options, channel);
      channel.bind(local, backlog);
      channel.configureBlocking(false);
      return new KernelServer(channel, platform, network.clock());
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public SocketAddress localAddress() throws IOException {
    return channel.getLocalAddress();
  }

  @Override
  public <T> void setOption(SocketOption<T> name, T value) throws IOException {
    channel.setOption(name, value);
  }

  @Override
  public <T> T option(SocketOption<T> name) throws IOException {
    return channel.getOption(name);
  }

  @Override
  public int readiness() {
    return 0; // the platform's selector reports it
  }

  @Override
  public void registered(RingSelectionKey key) throws IOException {
    key.attachKernel(channel);
  }

  /**
   * A connection queued in the kernel, in blocking mode; null if there is none.
   *
   * <p>The kernel creates the new socket before it checks whether there is a connection for it. So
   * a selector is asked first, which takes a tenth of the time of an accept that finds nothing.
   */
  @Override
  public SocketChannel accept() throws IOException {
    boolean ready = toldReady || !wait.isOpen() || wait.isReady();
    toldReady = false;
    SocketChannel accepted = ready ? channel.accept() : null;
    if (accepted == null && !wait.isOpen() && ++emptyAccepts == EMPTY_ACCEPTS_BEFORE_SELECTOR) {
      openWaitIfPossible();
    }
    return accepted;
  }

  private void openWaitIfPossible() {
    try {
      wait.open();
    } catch (IOException e) {
      // Closed, or no descriptor is left: it goes without.
    }
  }

  @Override
  public boolean await(BlockingOperation waiting, Facade facade, long nanos) throws IOException {
    if (ringWokeLast && waiting.lookAgain()) {
      return false;
    }
    long asleepSince = clock.nanoTime();
    boolean ready = await(waiting, nanos);
    facade.beginWait(); // the inner selector has replaced us as the target of an interrupt
    ringWokeLast = !ready && waiting.holds();
    waiting.slept(clock.nanoTime() - asleepSince);
    return ready;
  }

  /** Waits for a connection in the kernel or over the ring; see {@link DualWait#await}. */
  boolean await(SpinWait.Condition overRing, long nanos) throws IOException {
    toldReady = wait.await(overRing, nanos);
    return toldReady;
  }

  @Override
  public void wake(int bits) {
    wait.wake();
  }

  @Override
  public boolean wants(int bits) {
    return wait.isWaiting();
  }

  @Override
  public void close() throws IOException {
    wait.close();
  }
}
