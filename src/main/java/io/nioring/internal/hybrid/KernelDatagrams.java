package io.nioring.internal.hybrid;

import io.nioring.internal.datagram.Datagram;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.platform.PlatformOptions;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.poll.SpinWait;
import io.nioring.internal.poll.Waiter;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.spi.SelectorProvider;
import java.util.Map;

/**
 * The platform's datagram channel behind one of ours, for the addresses that belong to the kernel.
 *
 * <p>It is non-blocking. A thread that waits for it waits in a private selector, where a packet
 * over the ring or a close wakes it too. Any thread may send; receiving and waiting are for the one
 * thread that our channel admits. Takes none of our locks.
 */
public final class KernelDatagrams implements Waiter {
  private static final int MAX_PACKET_BYTES = 65_535;

  private final DatagramChannel channel;

  /** Opened with the first wait. */
  private final DualWait wait;

  /** The receive buffer; used by the receiving thread. */
  private ByteBuffer buffer;

  private KernelDatagrams(DatagramChannel channel, SelectorProvider platform) {
    this.channel = channel;
    wait = new DualWait(platform, channel, SelectionKey.OP_READ);
  }

  /**
   * Opens an unbound one.
   *
   * @throws UnsupportedOperationException if the platform's provider is not available
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

  /** The remote address, also after a close; null if the socket is not connected. */
  public InetSocketAddress peer() throws IOException {
    try {
      return (InetSocketAddress) channel.getRemoteAddress();
    } catch (ClosedChannelException e) {
      return (InetSocketAddress) channel.socket().getRemoteSocketAddress();
    }
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
  public void await(SpinWait.Condition overRing, long nanos) throws IOException {
    wait.await(overRing, nanos);
  }

  @Override
  public void wake(int bits) {
    wait.wake();
  }

  @Override
  public boolean wants(int bits) {
    return wait.isWaiting() && (bits & Readiness.IN) != 0;
  }

  /** Closes the socket; may be called repeatedly. */
  public void close() throws IOException {
    wait.close();
  }
}
