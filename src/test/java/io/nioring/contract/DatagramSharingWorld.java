package io.nioring.contract;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Channels that share ports: of both families, bound to a few ports under several addresses or to
 * none, members of the same groups, beside a stream in the same selector.
 */
final class DatagramSharingWorld extends DatagramWorld {
  static final int CHANNELS = 6;
  static final int PORTS = 2;

  /** Numbers of addresses to bind to, by {@link #own}, and to send to, by {@link #destination}. */
  static final int OWN = 6;

  static final int DESTINATIONS = 8;
  static final int SOURCES = 2;

  private static final String NOTHING = "none";
  private static final int FIRST_PORT = 20_000;
  private static final int PORT_RANGE = 5_000;
  private static final Random PORT_CHOICE = new Random();

  private final List<List<MembershipKey>> memberships = new ArrayList<>();
  private final boolean[] dualStack = new boolean[CHANNELS];
  private final boolean[] heardPeer = new boolean[CHANNELS];
  private final int[] ports = new int[PORTS];
  private final TestTransport.Pair stream;

  DatagramSharingWorld(TestTransport transport) throws IOException {
    super(transport, CHANNELS);
    this.stream = transport.nonBlockingPair();
    stream.server().register(selector, SelectionKey.OP_READ, CHANNELS);
    for (int i = 0; i < CHANNELS; i++) {
      memberships.add(new ArrayList<>());
    }
    findPorts();
  }

  /** Ports that are free now, and that the system assigns to nobody. */
  private void findPorts() throws IOException {
    for (int i = 0; i < PORTS; i++) {
      while (ports[i] == 0) {
        ports[i] = ifFree(FIRST_PORT + i * PORT_RANGE + PORT_CHOICE.nextInt(PORT_RANGE));
      }
    }
  }

  private int ifFree(int port) throws IOException {
    try (DatagramChannel probe = transport.provider().openDatagramChannel()) {
      probe.bind(new InetSocketAddress(port));
      return port;
    } catch (BindException e) {
      return 0;
    }
  }

  // -- channels

  boolean isOpen(int slot) {
    return channels[slot] != null && channels[slot].isOpen();
  }

  boolean isConnected(int slot) {
    return isOpen(slot) && channels[slot].isConnected();
  }

  /** Opens a channel whose packets to groups stay on the loopback interface. */
  String open(int slot, boolean bothFamilies) {
    dualStack[slot] = bothFamilies;
    heardPeer[slot] = false;
    return outcome(
        () -> {
          channels[slot] =
              transport.track(
                  bothFamilies
                      ? transport.provider().openDatagramChannel()
                      : transport.provider().openDatagramChannel(StandardProtocolFamily.INET));
          channels[slot].configureBlocking(false);
          channels[slot].setOption(StandardSocketOptions.IP_MULTICAST_IF, loopback);
          return "open";
        });
  }

  String close(int slot) {
    List<MembershipKey> keys = memberships.get(slot);
    String closed =
        outcome(
            () -> {
              channels[slot].close();
              return "closed";
            });
    String valid = keys.stream().map(MembershipKey::isValid).toList().toString();
    keys.clear();
    return closed + " " + valid;
  }

  private static InetAddress ip(String address) throws IOException {
    return InetAddress.getByName(address);
  }

  /**
   * An address of this machine, or a group: not for dual-stack channels, which the kernel lets bind
   * to an IPv4 group, and then send nothing.
   */
  private InetAddress own(int slot, int which) throws IOException {
    return switch (which) {
      case 0, 1 -> ip("0.0.0.0");
      case 2 -> ip("127.0.0.1");
      case 3 -> ip("127.0.0.2");
      case 4 -> ip("::1");
      default -> dualStack[slot] ? ip("127.0.0.1") : group(0);
    };
  }

  private static InetAddress group(int which) throws IOException {
    return ip(which == 0 ? "239.1.2.91" : "239.1.2.92");
  }

  private static InetAddress source(int which) throws IOException {
    return ip(which == 0 ? "127.0.0.1" : "127.0.0.2");
  }

  String bind(int slot, int which, int port) {
    return outcome(
        () -> {
          channels[slot].bind(new InetSocketAddress(own(slot, which), ports[port]));
          return name(channels[slot].getLocalAddress());
        });
  }

  String bindToAny(int slot) {
    return outcome(
        () -> {
          channels[slot].bind(null);
          return name(channels[slot].getLocalAddress());
        });
  }

  private InetSocketAddress destination(int which, int port) throws IOException {
    InetAddress to =
        switch (which) {
          case 0, 1 -> ip("127.0.0.1");
          case 2 -> ip("127.0.0.2");
          case 3 -> ip("::1");
          case 4 -> ip("127.255.255.255");
          case 5 -> ip("0.0.0.0");
          case 6 -> group(0);
          default -> group(1);
        };
    return new InetSocketAddress(to, ports[port]);
  }

  String connect(int slot, int which, int port) {
    return outcome(() -> channels[slot].connect(destination(which, port)) == channels[slot]);
  }

  /** Whether another channel has the same address and is connected to the same port. */
  boolean hasTwin(int slot) throws IOException {
    for (int i = 0; i < CHANNELS; i++) {
      if (i != slot && isOpen(i) && ends(i) != null && ends(i).equals(ends(slot))) {
        return true;
      }
    }
    return false;
  }

  /** Null for a channel that is not connected. */
  private List<Object> ends(int slot) throws IOException {
    DatagramChannel channel = channels[slot];
    return channel.getRemoteAddress() instanceof InetSocketAddress remote
        ? List.of(channel.getLocalAddress(), remote.getPort())
        : null;
  }

  @Override
  String disconnect(int slot) {
    boolean connected = channels[slot].isConnected();
    String told = super.disconnect(slot);
    heardPeer[slot] |= connected && (dualStack[slot] || !told.contains(NOTHING));
    return told;
  }

  /**
   * Whether the kernel remembers the peer of a channel that is connected no longer: it may have
   * received while it was, or is dual-stack.
   */
  boolean remembersPeer(int slot) {
    return heardPeer[slot];
  }

  /** Ports that were not asked for are the system's choice. */
  @Override
  String name(SocketAddress address) {
    if (!(address instanceof InetSocketAddress inet)) {
      return NOTHING;
    }
    String port = "another port";
    for (int i = 0; i < PORTS; i++) {
      port = inet.getPort() == ports[i] ? "port " + i : port;
    }
    return inet.getAddress().getHostAddress() + " " + port;
  }

  // -- packets

  private ByteBuffer bytes() {
    return bytes(10 + sent() % 7);
  }

  String send(int slot, int which, int port) {
    ByteBuffer src = bytes();
    return outcome(() -> channels[slot].send(src, destination(which, port)));
  }

  String write(int slot) {
    ByteBuffer src = bytes();
    return outcome(() -> channels[slot].write(src));
  }

  private String receive(int slot) {
    String told = receive(slot, 20);
    heardPeer[slot] |= channels[slot].isConnected() && !told.startsWith(NOTHING);
    return told;
  }

  /** Takes all that has come, wherever it has. */
  String receiveAll() {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < CHANNELS; i++) {
      if (isOpen(i)) {
        String next = receive(i);
        for (int most = 50; most > 0 && !next.startsWith(NOTHING); most--) {
          all.append(i).append(": ").append(next).append(' ');
          next = receive(i);
        }
      }
    }
    return all.toString();
  }

  // -- options and groups

  private SocketOption<Boolean> flag(int which) {
    return switch (which) {
      case 0 -> StandardSocketOptions.SO_BROADCAST;
      case 1 -> StandardSocketOptions.IP_MULTICAST_LOOP;
      case 2 -> StandardSocketOptions.SO_REUSEPORT;
      default -> StandardSocketOptions.SO_REUSEADDR;
    };
  }

  String setFlag(int slot, int which, boolean on) {
    return outcome(() -> channels[slot].setOption(flag(which), on) == channels[slot]);
  }

  /** All that can be asked for, but the sizes of buffers. */
  String options(int slot) {
    Map<String, String> all = new TreeMap<>();
    for (SocketOption<?> each : channels[slot].supportedOptions()) {
      if (isTold(each.name())) {
        all.put(each.name(), outcome(() -> channels[slot].getOption(each)));
      }
    }
    return all.toString();
  }

  private static boolean isTold(String option) {
    boolean known = option.startsWith("SO_") || option.startsWith("IP_");
    return known && !option.endsWith("BUF") && !option.contains("NAPI");
  }

  String setTimeToLive(int slot, int value) {
    return outcome(
        () -> channels[slot].setOption(StandardSocketOptions.IP_MULTICAST_TTL, value) != null);
  }

  /**
   * Joins a group.
   *
   * @param source the number of the only source that is heard; -1 for all
   */
  String join(int slot, int group, int source) {
    return outcome(
        () -> {
          MembershipKey key =
              source < 0
                  ? channels[slot].join(group(group), loopback)
                  : channels[slot].join(group(group), loopback, source(source));
          List<MembershipKey> keys = memberships.get(slot);
          boolean known = keys.contains(key);
          if (!known) {
            keys.add(key);
          }
          return "known " + known + " valid " + key.isValid();
        });
  }

  int memberships(int slot) {
    return memberships.get(slot).size();
  }

  String drop(int slot, int membership) {
    MembershipKey key = memberships.get(slot).remove(membership);
    key.drop();
    return "valid " + key.isValid();
  }

  String block(int slot, int membership, int source) {
    MembershipKey key = memberships.get(slot).get(membership);
    return outcome(() -> key.block(source(source)) == key);
  }

  String unblock(int slot, int membership, int source) {
    MembershipKey key = memberships.get(slot).get(membership);
    return outcome(() -> key.unblock(source(source)) == key);
  }

  // -- the selector

  String register(int slot) {
    return register(slot, SelectionKey.OP_READ);
  }

  /** A byte on the stream in the selector, or the one that is there taken off. */
  String stream(boolean reading) {
    ByteBuffer one = ByteBuffer.allocate(1);
    return outcome(() -> reading ? stream.server().read(one) : stream.client().write(one));
  }

  @Override
  public void close() throws IOException {
    stream.client().close();
    stream.server().close();
    super.close();
  }
}
