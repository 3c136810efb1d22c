package io.nioring.contract;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;

/** Operations of a datagram socket with arguments that are no good, or in the wrong state. */
public final class DatagramSocketOperations {
  static final SocketAddress PATH = UnixDomainSocketAddress.of("/nowhere");
  static final SocketAddress UNRESOLVED = InetSocketAddress.createUnresolved("nowhere.invalid", 1);

  private DatagramSocketOperations() {}

  /** Those that the suites compare. */
  public static OutcomeTable<DatagramSocket> table() {
    OutcomeTable<DatagramSocket> table = new OutcomeTable<>();
    names(table);
    packets(table);
    options(table);
    groups(table);
    return table;
  }

  private static void names(OutcomeTable<DatagramSocket> table) {
    table
        .does("bind to a path", s -> s.bind(PATH))
        .does("bind to a host unknown", s -> s.bind(UNRESOLVED))
        .does("bind to any", s -> s.bind(null))
        .does("connect to null", s -> s.connect(null))
        .does("connect to a path", s -> s.connect(PATH))
        .does("connect to a host unknown", s -> s.connect(UNRESOLVED))
        .does("connect to no host", s -> s.connect(null, 1))
        .does("connect to port -1", s -> s.connect(discard().getAddress(), -1))
        .does("connect to port 65536", s -> s.connect(discard().getAddress(), 65_536))
        .does("disconnect", DatagramSocket::disconnect);
  }

  private static void packets(OutcomeTable<DatagramSocket> table) {
    table
        .does("send null", s -> s.send(null))
        .does("send elsewhere", s -> s.send(packet(1)))
        .does("send too much", s -> s.send(packet(65_508)))
        .does("receive null", s -> receive(s, null))
        .does("receive nothing", s -> receive(s, packet(1)));
  }

  private static void options(OutcomeTable<DatagramSocket> table) {
    table
        .does("timeout -1", s -> s.setSoTimeout(-1))
        .asks("timeout", DatagramSocket::getSoTimeout)
        .does("send buffer 0", s -> s.setSendBufferSize(0))
        .does("send buffer -1", s -> s.setSendBufferSize(-1))
        .does("receive buffer 0", s -> s.setReceiveBufferSize(0))
        .does("receive buffer -1", s -> s.setReceiveBufferSize(-1))
        .does("class -1", s -> s.setTrafficClass(-1))
        .does("class 256", s -> s.setTrafficClass(256))
        .does("broadcast", s -> s.setBroadcast(true))
        .asks("reuse", DatagramSocket::getReuseAddress)
        .does("set null", s -> s.setOption(null, 1))
        .does("set to null", s -> s.setOption(StandardSocketOptions.SO_RCVBUF, null))
        .does("get of streams", s -> s.getOption(StandardSocketOptions.TCP_NODELAY));
  }

  private static void groups(OutcomeTable<DatagramSocket> table) {
    table
        .does("join null", s -> s.joinGroup(null, loopback()))
        .does("join a path", s -> s.joinGroup(PATH, loopback()))
        .does("join a host unknown", s -> s.joinGroup(UNRESOLVED, loopback()))
        .does("join no group", s -> s.joinGroup(discard(), loopback()))
        .does("leave null", s -> s.leaveGroup(null, loopback()))
        .does("leave no group", s -> s.leaveGroup(discard(), loopback()))
        .does("leave not joined", s -> s.leaveGroup(groupAddress(), loopback()));
  }

  private static void receive(DatagramSocket socket, DatagramPacket packet) throws IOException {
    socket.setSoTimeout(1);
    socket.receive(packet);
  }

  private static DatagramPacket packet(int count) {
    return new DatagramPacket(new byte[count], count, discard());
  }

  static InetSocketAddress discard() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);
  }

  static InetAddress group() throws IOException {
    return InetAddress.getByName("239.1.2.89");
  }

  private static InetSocketAddress groupAddress() throws IOException {
    return new InetSocketAddress(group(), 0);
  }

  static NetworkInterface loopback() throws IOException {
    return NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
  }
}
