package io.nioring.internal.hybrid;

import io.nioring.internal.datagram.Datagram;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.platform.PlatformOptions;
import io.nioring.internal.poll.Millis;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.poll.Waiter;
import io.nioring.internal.time.Deadline;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.SelectorProvider;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The platform's datagram channel behind one of ours, for the addresses that belong to the kernel.
 *
 * <p>It is non-blocking. A thread that waits for it waits in a private selector, where a packet
 * over the ring or a close wakes it too. Any thread may send; receiving and waiting are for the one
 * thread that our channel admits. Takes none of our locks.
 */
public final class KernelDatagrams implements Waiter {
  private static final int MAX_PACKET_BYTES = 65_535;
  private static final long LEAVE_MILLIS = 100;

  private final DatagramChannel channel;
  private final SelectorProvider platform;

  /** Held by the thread that is inside the selector. */
  private final ReentrantLock selecting = new ReentrantLock();

  /** Made with the first wait. */
  private volatile Selector selector;

  private volatile boolean waiting;

  /** The receive buffer; used by the receiving thread. */
  private ByteBuffer buffer;

  private KernelDatagrams(DatagramChannel channel, SelectorProvider platform) {
    this.channel = channel;
    this.platform = platform;
  }

  /**
   * Opens an unbound one.
   *
   * @throws UnsupportedOperationException if the platform's provider cannot be had
   */
  public static KernelDatagrams open(
      NetworkResources network, AddressFamily family, Map<SocketOption<?>, Object> options)
      throws IOException {
    SelectorProvider platform = network.platform().get();
    DatagramChannel channel =
        family == AddressFamily.INET4
            ? platform.openDatagramChannel(StandardProtocolFamily.INET)
            : platform.openDatagramChannel();
    try {
      PlatformOptions.apply(options, channel.supportedOptions(), channel::setOption);
      channel.configureBlocking(false);
      return new KernelDatagrams(channel, platform);
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  /** The platform's channel. */
  public DatagramChannel channel() {
    return channel;
  }

  /** Binds to the same address as the ring, or to any if the kernel refuses that one. */
  public void bindLike(InetSocketAddress local) throws IOException {
    try {
      channel.bind(local);
    } catch (BindException e) {
      channel.bind(null);
    }
  }

  /** The next packet; null if there is none. */
  public Datagram receive() throws IOException {
    if (buffer == null) {
      buffer = ByteBuffer.allocateDirect(MAX_PACKET_BYTES);
    }
    buffer.clear();
    InetSocketAddress source = (InetSocketAddress) channel.receive(buffer);
    if (source == null) {
      return null;
    }
    byte[] bytes = new byte[buffer.flip().remaining()];
    buffer.get(bytes);
    return new Datagram(source, bytes);
  }

  /**
   * Waits for a packet in the kernel, a {@link #wake}, a close or an interrupt.
   *
   * @param overRing whether the ring has a packet: checked after the announcement
   * @param nanos the longest time to wait
   */
  public void await(BooleanSupplier overRing, long nanos) throws IOException {
    if (selector == null) {
      openSelector();
    }
    selecting.lock();
    waiting = true;
    VarHandle.fullFence(); // the announcement before the look: pairs with PollSet's wake
    try {
      if (overRing.getAsBoolean()) {
        return;
      }
      if (nanos == Deadline.FOREVER) {
        selector.select(KernelDatagrams::ignore);
      } else {
        selector.select(KernelDatagrams::ignore, Millis.roundedUp(nanos));
      }
    } catch (ClosedSelectorException e) {
      // closed by another thread: the caller sees it
    } finally {
      waiting = false;
      selecting.unlock();
      if (!channel.isOpen()) {
        closeSelector(); // a close may have left it to us
      }
    }
  }

  /** Whatever is found ready will still be ready when it is requested. */
  private static void ignore(SelectionKey key) {}

  private void openSelector() throws IOException {
    Selector opened = platform.openSelector();
    try {
      channel.register(opened, SelectionKey.OP_READ);
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
    Selector slept = selector;
    if (waiting && slept != null) {
      slept.wakeup();
    }
  }

  @Override
  public boolean wants(int bits) {
    return waiting && (bits & Readiness.IN) != 0;
  }

  /** Closes the socket; may be called repeatedly. */
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
   * Closes the selector, and with it the descriptor of the channel; but if a thread is inside and
   * does not leave, that thread does it; see {@link KernelServer}.
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

  private boolean isNobodySelecting() {
    try {
      return selecting.tryLock(LEAVE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return selecting.tryLock();
    }
  }
}
