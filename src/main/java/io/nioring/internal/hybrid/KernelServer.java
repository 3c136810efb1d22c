package io.nioring.internal.hybrid;

import io.nioring.internal.blocking.BlockingOperation;
import io.nioring.internal.blocking.Facade;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.platform.PlatformOptions;
import io.nioring.internal.poll.Millis;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.SpinWait;
import io.nioring.internal.poll.Waiter;
import io.nioring.internal.select.IgnoredKeys;
import io.nioring.internal.select.RingSelectionKey;
import io.nioring.internal.time.Clock;
import io.nioring.internal.time.Deadline;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

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

  /** How long a close waits for a thread to leave the select; far longer than it takes. */
  private static final long LEAVE_MILLIS = 100;

  private final ServerSocketChannel channel;
  private final SelectorProvider platform;
  private final Clock clock;

  /**
   * Detects queued connections; opened when an accept first waits for one, or when several found
   * nothing. Written under the accept lock.
   */
  private volatile Selector selector;

  /** How many accepts found nothing while there was no selector; under the accept lock. */
  private int emptyAccepts;

  /** Whether a wait has just found a connection; under the accept lock. */
  private boolean toldReady;

  /** Whether the last wait was ended by a ring: only then does spinning pay off; as above. */
  private boolean ringWokeLast;

  /** Held by the thread that is in the platform's select or closes the selector. */
  private final ReentrantLock selecting = new ReentrantLock();

  private volatile boolean waiting;

  private KernelServer(ServerSocketChannel channel, SelectorProvider platform, Clock clock) {
    this.channel = channel;
    this.platform = platform;
    this.clock = clock;
  }

  /**
   * Opens and binds one; see {@link KernelListener.Opener}.
   *
   * @throws UnsupportedOperationException if the platform's provider cannot be had
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
    ServerSocketChannel channel =
        switch (family) {
          case INET -> platform.openServerSocketChannel();
          case INET4 -> platform.openServerSocketChannel(StandardProtocolFamily.INET);
          case UNIX -> platform.openServerSocketChannel(StandardProtocolFamily.UNIX);
        };
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
    boolean ready = toldReady || selector == null || isReady(selector);
    toldReady = false;
    SocketChannel accepted = ready ? channel.accept() : null;
    if (accepted == null && selector == null && ++emptyAccepts == EMPTY_ACCEPTS_BEFORE_SELECTOR) {
      openSelectorIfPossible();
    }
    return accepted;
  }

  private static boolean isReady(Selector selector) throws IOException {
    try {
      return selector.selectNow(IgnoredKeys.ALL) > 0;
    } catch (ClosedSelectorException e) {
      return true; // closed by another thread: the channel reports it
    }
  }

  private void openSelectorIfPossible() {
    try {
      openSelector();
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

  /**
   * Waits for a connection in the kernel, a {@link #wake}, a close or an interrupt.
   *
   * @param overRing whether a connection is in the ring's queue: checked after the announcement
   * @param nanos the longest time to wait
   * @return whether a connection is queued in the kernel
   */
  boolean await(SpinWait.Condition overRing, long nanos) throws IOException {
    if (selector == null) {
      openSelector();
    }
    selecting.lock();
    waiting = true;
    VarHandle
        .fullFence(); // the announcement before the look: pairs with PollSet's publish and wake
    try {
      if (overRing.holds()) {
        return false;
      }
      int ready =
          nanos == Deadline.FOREVER
              ? selector.select(IgnoredKeys.ALL)
              : selector.select(IgnoredKeys.ALL, Millis.roundedUp(nanos));
      toldReady = ready > 0;
      return toldReady;
    } catch (ClosedSelectorException e) {
      return false; // closed by another thread: the caller sees it
    } finally {
      waiting = false;
      selecting.unlock();
      if (!channel.isOpen()) {
        closeSelector(); // a close may have left it to us
      }
    }
  }

  private void openSelector() throws IOException {
    Selector opened = platform.openSelector();
    try {
      channel.register(opened, SelectionKey.OP_ACCEPT);
    } catch (IOException | RuntimeException | Error e) {
      opened.close();
      throw e;
    }
    selector = opened;
    if (!channel.isOpen()) {
      opened.close(); // a concurrent close did not see it
    }
  }

  @Override
  public void wake(int bits) {
    if (waiting) {
      selector.wakeup();
    }
  }

  @Override
  public boolean wants(int bits) {
    return waiting;
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      if (selector != null) {
        closeSelector();
      }
    }
  }

  /**
   * Closes the selector, and with it the descriptor of the channel, which was registered; but if a
   * thread is inside a select and does not leave, that thread does it.
   *
   * <p>On JDK 17 a thread that interrupts one that is about to select closes our channel on its
   * behalf, and until then blocks it from entering or leaving the select. An unbounded wait, as in
   * the selector's own close, would be a deadlock.
   */
  private void closeSelector() throws IOException {
    selector.wakeup();
    if (isNobodySelecting()) {
      try {
        selector.close();
      } finally {
        selecting.unlock();
      }
    }
  }

  /** Takes the selecting lock, waiting for a thread that was woken to leave. */
  private boolean isNobodySelecting() {
    try {
      return selecting.tryLock(LEAVE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return selecting.tryLock();
    }
  }
}
