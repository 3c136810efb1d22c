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
import java.nio.channels.ClosedChannelException;
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
 * The platform's datagram channel behind one of ours, for the addresses that are the kernel's.
 *
 * <p>It never blocks. Who waits for it waits in a selector of its own, where a packet over the ring
 * and a close wake him too. Sending may be done by any thread; receiving and waiting are for the
 * one that our channel admits. Takes no lock of ours.
 */
public final class KernelDatagrams implements Waiter {
  private static final int MAX_PACKET_BYTES = 65_535;
  private static final long LEAVE_MILLIS = 100;

  private final DatagramChannel channel;
  private final SelectorProvider platform;

  /** Held by the thread that is inside of the selector. */
  private final ReentrantLock selecting = new ReentrantLock();

  /** Made with the first wait. */
  private volatile Selector selector;

  private volatile boolean waiting;

  /** Where packets are received; the receiving thread's. */
  private ByteBuffer buffer;

  private KernelDatagrams(DatagramChannel channel, SelectorProvider platform) {
    this.channel = channel;
    this.platform = platform;
  }

  /**
   * Opens one without a name.
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
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      channel.close();
      throw e;
    }
  }

  /** The platform's channel. */
  public DatagramChannel channel() {
    return channel;
  }

  /** Takes the same address as a ring, or any where the kernel does not give that one. */
  public void bindLike(InetSocketAddress local) throws IOException {
    try {
      channel.bind(local);
    } catch (BindException e) {
      channel.bind(null);
    }
  }

  /** The next packet; null if none waits. */
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
   * @param overRing whether the ring has something: asked after the announcement
   * @param nanos the longest to wait
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

  /** What is found ready is still ready when it is asked for. */
  private static void ignore(SelectionKey key) {}

  private void openSelector() throws IOException {
    Selector opened = platform.openSelector();
    try {
      channel.register(opened, SelectionKey.OP_READ);
    } catch (ClosedChannelException | OutOfMemoryError e) {
      opened.close();
      throw e;
    }
    selector = opened;
    if (!channel.isOpen()) {
      opened.close(); // the close that we raced with did not see it
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

  /** Closes the socket; repeatedly if asked to. */
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
   * Closes the selector, and with it the descriptor of the channel; unless a thread is inside and
   * does not come out, which then does it, see {@link KernelServer}.
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
