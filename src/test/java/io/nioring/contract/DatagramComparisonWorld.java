package io.nioring.contract;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/**
 * One side of a comparison of datagram channels: some channels, named by numbers, and a selector.
 * Each operation tells as a text all that a program could see of its outcome; ports are told as the
 * numbers of the channels that were bound to them first.
 */
final class DatagramComparisonWorld implements LockStep.World {
  static final int CHANNELS = 5;

  private final TestTransport transport;
  private final DatagramChannel[] channels = new DatagramChannel[CHANNELS];
  private final InetSocketAddress[] addresses = new InetSocketAddress[CHANNELS];
  private final MembershipKey[] memberships = new MembershipKey[CHANNELS];
  private final Map<Integer, String> ports = new TreeMap<>();
  private final Selector selector;
  private final NetworkInterface loopback;
  private final InetAddress group;

  /** Null where every call's effects are complete when it returns. */
  private final SettlingConnection settling;

  private int sent;
  private int bound;

  DatagramComparisonWorld(TestTransport transport) throws IOException {
    this.transport = transport;
    this.selector = transport.openSelector();
    this.settling = transport.isRing() ? null : new SettlingConnection(transport);
    this.loopback = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
    this.group = InetAddress.getByName("239.1.2.88");
    for (int i = 0; i < CHANNELS; i++) {
      channels[i] = open();
    }
  }

  private DatagramChannel open() throws IOException {
    DatagramChannel channel = transport.openDatagram();
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, loopback);
    return channel;
  }

  @Override
  public void settle() throws IOException {
    if (settling != null) {
      settling.settle();
    }
  }

  // -- names

  String bind(int slot, boolean wildcard) {
    return outcome(
        () -> {
          InetAddress ip = transport.loopback();
          channels[slot].bind(wildcard ? new InetSocketAddress(0) : new InetSocketAddress(ip, 0));
          int port = ((InetSocketAddress) channels[slot].getLocalAddress()).getPort();
          addresses[slot] = new InetSocketAddress(ip, port);
          ports.put(port, "port " + ++bound);
          return name(channels[slot].getLocalAddress());
        });
  }

  String bindAs(int slot, int other) {
    return outcome(() -> channels[slot].bind(addresses[other]) == channels[slot]);
  }

  /** A port of the other world's may be taken in this one by somebody else: told as none. */
  String openAgain(int slot, boolean wildcard) throws IOException {
    if (channels[slot].isOpen()) {
      return "open";
    }
    channels[slot] = open();
    memberships[slot] = null;
    return bind(slot, wildcard);
  }

  String close(int slot) {
    return outcome(
        () -> {
          channels[slot].close();
          return "closed";
        });
  }

  String connect(int slot, int other) {
    return outcome(() -> channels[slot].connect(addresses[other]) == channels[slot]);
  }

  /**
   * Disconnects, and takes what is pending: the platform's next send would otherwise lose its
   * packet to an error of the connection.
   */
  String disconnect(int slot) {
    return outcome(() -> channels[slot].disconnect() == channels[slot]) + " " + receive(slot, 9);
  }

  String state(int slot) {
    DatagramChannel channel = channels[slot];
    return "open %b registered %b connected %b local %s remote %s"
        .formatted(
            channel.isOpen(),
            channel.isRegistered(),
            channel.isConnected(),
            outcome(() -> name(channel.getLocalAddress())),
            outcome(() -> name(channel.getRemoteAddress())));
  }

  private String name(SocketAddress address) {
    if (!(address instanceof InetSocketAddress inet)) {
      return "none";
    }
    InetAddress ip = inet.getAddress();
    String host = ip.isAnyLocalAddress() ? "any" : ip.isLoopbackAddress() ? "loopback" : "other";
    return host + " " + ports.getOrDefault(inet.getPort(), "another port");
  }

  // -- packets

  private ByteBuffer bytes(int size) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) ++sent);
    return ByteBuffer.wrap(bytes);
  }

  String send(int slot, int other, int size) {
    ByteBuffer src = bytes(size);
    return outcome(() -> channels[slot].send(src, addresses[other])) + " left " + src.remaining();
  }

  String write(int slot, int size) {
    ByteBuffer src = bytes(size);
    return outcome(() -> channels[slot].write(src)) + " left " + src.remaining();
  }

  String gather(int slot, int size) {
    ByteBuffer[] parts = {bytes(size), bytes(0), bytes(7)};
    return outcome(() -> channels[slot].write(parts))
        + " left "
        + Arrays.stream(parts).mapToInt(ByteBuffer::remaining).sum();
  }

  String receive(int slot, int size) {
    ByteBuffer dst = ByteBuffer.allocate(size);
    return outcome(() -> name(channels[slot].receive(dst))) + " bytes " + digest(dst);
  }

  /**
   * Both reads of the platform's give -1 for an empty packet, as at the end of a stream: 0 here.
   */
  String read(int slot, int size) {
    ByteBuffer dst = ByteBuffer.allocate(size);
    return outcome(() -> Math.max(0, channels[slot].read(dst))) + " bytes " + digest(dst);
  }

  String scatter(int slot, int size) {
    ByteBuffer[] parts = {ByteBuffer.allocate(3), ByteBuffer.allocate(size)};
    return outcome(() -> Math.max(0, channels[slot].read(parts)))
        + " bytes "
        + digest(parts[0])
        + ","
        + digest(parts[1]);
  }

  private static String digest(ByteBuffer buffer) {
    ByteBuffer read = buffer.duplicate().flip();
    return read.remaining() + "/" + Integer.toHexString(read.hashCode());
  }

  // -- options, groups, selectors

  String broadcast(int slot, boolean on) {
    return outcome(
        () ->
            channels[slot]
                .setOption(StandardSocketOptions.SO_BROADCAST, on)
                .getOption(StandardSocketOptions.SO_BROADCAST));
  }

  String joinOrLeave(int slot) {
    MembershipKey key = memberships[slot];
    if (key != null) {
      key.drop();
      memberships[slot] = null;
      return "valid " + key.isValid();
    }
    return outcome(
        () -> {
          memberships[slot] = channels[slot].join(group, loopback);
          return "valid " + memberships[slot].isValid();
        });
  }

  String sendToGroup(int slot, int member) {
    InetSocketAddress to = new InetSocketAddress(group, addresses[member].getPort());
    return outcome(() -> channels[slot].send(bytes(9), to));
  }

  String register(int slot, boolean writing) {
    int wanted = writing ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ;
    return outcome(() -> channels[slot].register(selector, wanted, slot).interestOps());
  }

  String select() {
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
  private static String outcome(Callable<?> call) {
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
      each.close();
    }
    selector.close();
  }
}
