package io.nioring.channel;

import io.nioring.poll.Millis;
import io.nioring.poll.Waiter;
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
import java.util.function.BooleanSupplier;

/**
 * The platform's listening channel behind one of ours, always non-blocking, with a way to wait for
 * it and for a ring's queue at the same time.
 *
 * <p>As a {@link Waiter} of the ring's poll set it ends the wait when a connection comes over a
 * ring. Accepting and waiting are done by one thread at a time, under the accept lock of ours.
 */
final class KernelServer implements Waiter {
  private final ServerSocketChannel channel;
  private final SelectorProvider platform;

  /** What a blocking accept waits in; opened when one first waits, under the accept lock. */
  private volatile Selector waitingIn;

  private volatile boolean waiting;

  private KernelServer(ServerSocketChannel channel, SelectorProvider platform) {
    this.channel = channel;
    this.platform = platform;
  }

  /**
   * Opens and binds one.
   *
   * @param local the address, null for one that the platform chooses
   * @throws UnsupportedOperationException if the platform's provider cannot be had
   */
  static KernelServer bind(
      NetworkResources network,
      AddressFamily family,
      SocketAddress local,
      int backlog,
      Map<SocketOption<?>, Object> options)
      throws IOException {
    SelectorProvider platform = network.platform().get();
    ServerSocketChannel channel =
        switch (family) {
          case INET -> platform.openServerSocketChannel();
          case INET4 -> platform.openServerSocketChannel(StandardProtocolFamily.INET);
          case UNIX -> platform.openServerSocketChannel(StandardProtocolFamily.UNIX);
        };
    try {
      for (Map.Entry<SocketOption<?>, Object> option : options.entrySet()) {
        set(channel, option.getKey(), option.getValue());
      }
      channel.bind(local, backlog);
      channel.configureBlocking(false);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
    return new KernelServer(channel, platform);
  }

  private static <T> void set(ServerSocketChannel channel, SocketOption<T> name, Object value)
      throws IOException {
    if (channel.supportedOptions().contains(name)) {
      channel.setOption(name, name.type().cast(value));
    }
  }

  ServerSocketChannel channel() {
    return channel;
  }

  /** A connection that waits in the kernel, in blocking mode; null if there is none. */
  SocketChannel accept() throws IOException {
    return channel.accept();
  }

  /**
   * Waits for a connection in the kernel, a {@link #wake}, a close or an interrupt.
   *
   * @param overRing whether a connection waits in the ring's queue: asked after the announcement
   * @param nanos the longest to wait
   * @return whether a connection waits in the kernel
   */
  boolean await(BooleanSupplier overRing, long nanos) throws IOException {
    Selector selector = waitingIn;
    if (selector == null) {
      selector = openSelector();
    }
    waiting = true;
    VarHandle
        .fullFence(); // the announcement before the look: pairs with PollSet's publish and wake
    try {
      if (overRing.getAsBoolean()) {
        return false;
      }
      int ready =
          nanos == BlockingOperation.FOREVER
              ? selector.select()
              : selector.select(Millis.roundedUp(nanos));
      selector.selectedKeys().clear();
      return ready > 0;
    } catch (ClosedSelectorException e) {
      return false; // closed by another thread: the caller sees it
    } finally {
      waiting = false;
    }
  }

  private Selector openSelector() throws IOException {
    Selector selector = platform.openSelector();
    try {
      channel.register(selector, SelectionKey.OP_ACCEPT);
    } catch (IOException | RuntimeException e) {
      selector.close();
      throw e;
    }
    waitingIn = selector;
    if (!channel.isOpen()) {
      selector.close(); // the close that we raced with did not see it
    }
    return selector;
  }

  @Override
  public void wake(int bits) {
    if (waiting) {
      waitingIn.wakeup();
    }
  }

  @Override
  public boolean wants(int bits) {
    return waiting;
  }

  void close() throws IOException {
    try {
      channel.close();
    } finally {
      Selector selector = waitingIn;
      if (selector != null) {
        selector.close(); // and with it the descriptor of the channel, which was registered
      }
    }
  }
}
