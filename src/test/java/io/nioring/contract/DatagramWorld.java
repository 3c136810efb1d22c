package io.nioring.contract;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/**
 * One side of a comparison of datagram channels: some channels, named by numbers, and a selector.
 * Each operation tells as a text all that a program could see of its outcome.
 */
abstract class DatagramWorld implements LockStep.World {
  /** Room for all that is left of a connection's packets. */
  private static final int ROOM = 20;

  final TestTransport transport;
  final DatagramChannel[] channels;
  final Selector selector;
  final NetworkInterface loopback;

  /** Null where every call's effects are complete when it returns. */
  private final SettlingConnection settling;

  private int sent;

  DatagramWorld(TestTransport transport, int count) throws IOException {
    this.transport = transport;
    this.channels = new DatagramChannel[count];
    this.selector = transport.openSelector();
    this.settling = transport.isRing() ? null : new SettlingConnection(transport);
    this.loopback = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
  }

  @Override
  public final void settle() throws IOException {
    if (settling != null) {
      settling.settle();
    }
  }

  /** An address as a text that is the same on both sides. */
  abstract String name(SocketAddress address);

  /**
   * Disconnects, and takes what is pending: the platform's next send would otherwise lose its
   * packet to an error of the connection.
   */
  String disconnect(int slot) {
    return outcome(() -> channels[slot].disconnect() == channels[slot]) + " " + receive(slot, ROOM);
  }

  String state(int slot) {
    DatagramChannel channel = channels[slot];
    return "open %b connected %b local %s remote %s"
        .formatted(
            channel.isOpen(),
            channel.isConnected(),
            outcome(() -> name(channel.getLocalAddress())),
            outcome(() -> name(channel.getRemoteAddress())));
  }

  /** Bytes that differ from those of the packets before. */
  final ByteBuffer bytes(int size) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) ++sent);
    return ByteBuffer.wrap(bytes);
  }

  /** How many packets were made. */
  final int sent() {
    return sent;
  }

  final String receive(int slot, int size) {
    ByteBuffer dst = ByteBuffer.allocate(size);
    return outcome(() -> name(channels[slot].receive(dst))) + " " + digest(dst);
  }

  static String digest(ByteBuffer buffer) {
    ByteBuffer read = buffer.duplicate().flip();
    return read.remaining() + "/" + Integer.toHexString(read.hashCode());
  }

  final String register(int slot, int wanted) {
    return outcome(() -> channels[slot].register(selector, wanted, slot).interestOps());
  }

  final String select() {
    selector.selectedKeys().clear();
    return outcome(selector::selectNow) + " selected " + ready() + " of " + selector.keys().size();
  }

  private Map<Integer, String> ready() {
    Map<Integer, String> ready = new TreeMap<>();
    for (SelectionKey key : selector.selectedKeys()) {
      ready.put((Integer) key.attachment(), key.isValid() ? "" + key.readyOps() : "invalid");
    }
    return ready;
  }

  /** Failures are told by class and message; a null message is the JVM's own to word. */
  static String outcome(Callable<?> call) {
    try {
      return String.valueOf(call.call());
    } catch (ClosedChannelException e) {
      return ClosedChannelException.class.getSimpleName();
    } catch (IOException e) {
      return e.getClass().getSimpleName() + ": " + e.getMessage();
    } catch (Exception e) {
      return e.getClass().getSimpleName();
    }
  }

  @Override
  public void close() throws IOException {
    for (DatagramChannel each : channels) {
      if (each != null) {
        each.close();
      }
    }
    selector.close();
  }
}
