package io.nioring.contract;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.nio.channels.SelectionKey;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Channels with ports of their own, told as the numbers of those that were bound to them first. */
final class DatagramComparisonWorld extends DatagramWorld {
  static final int CHANNELS = 5;

  private final InetSocketAddress[] addresses = new InetSocketAddress[CHANNELS];
  private final MembershipKey[] memberships = new MembershipKey[CHANNELS];
  private final Map<Integer, String> ports = new TreeMap<>();
  private final InetAddress group;
  private int bound;

  DatagramComparisonWorld(TestTransport transport) throws IOException {
    super(transport, CHANNELS);
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

  @Override
  String state(int slot) {
    return "registered %b %s".formatted(channels[slot].isRegistered(), super.state(slot));
  }

  @Override
  String name(SocketAddress address) {
    if (!(address instanceof InetSocketAddress inet)) {
      return "none";
    }
    InetAddress ip = inet.getAddress();
    String host = ip.isAnyLocalAddress() ? "any" : ip.isLoopbackAddress() ? "loopback" : "other";
    return host + " " + ports.getOrDefault(inet.getPort(), "another port");
  }

  // -- packets

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
    return register(slot, wanted);
  }
}
