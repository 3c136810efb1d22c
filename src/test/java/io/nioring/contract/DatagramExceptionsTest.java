package io.nioring.contract;

import static io.nioring.contract.TransportKind.PLATFORM_INET4;
import static io.nioring.contract.TransportKind.RING_INET4;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What datagram channels and their sockets answer to bad arguments and in the wrong state: the
 * class of the exception, and its message where that is the JDK's own text, as on the platform.
 */
class DatagramExceptionsTest {
  private static final String INVALID = "IllegalArgumentException: Invalid";
  private static final SocketAddress PATH = UnixDomainSocketAddress.of("/nowhere");
  private static final SocketAddress UNRESOLVED =
      InetSocketAddress.createUnresolved("nowhere.invalid", 1);

  /** The state of a channel before the operation. */
  enum State {
    OPEN,
    BOUND,
    CONNECTED,
    CLOSED
  }

  @ParameterizedTest
  @EnumSource
  @Timeout(60)
  void channelsFailAsThePlatforms(State state) throws IOException {
    assertThat(outcomes(RING_INET4, state, channelOperations()))
        .containsExactlyEntriesOf(outcomes(PLATFORM_INET4, state, channelOperations()));
  }

  @ParameterizedTest
  @EnumSource
  @Timeout(60)
  void socketsFailAsThePlatforms(State state) throws IOException {
    assertThat(outcomes(RING_INET4, state, socketOperations()))
        .containsExactlyEntriesOf(outcomes(PLATFORM_INET4, state, socketOperations()));
  }

  private static Map<String, String> outcomes(
      TransportKind kind, State state, Map<String, Operation> operations) throws IOException {
    Map<String, String> outcomes = new LinkedHashMap<>();
    try (TestTransport transport = TestTransport.open(kind)) {
      InetSocketAddress peer = local(transport.bindDatagram());
      for (Map.Entry<String, Operation> each : operations.entrySet()) {
        try (DatagramChannel channel = open(transport, state, peer)) {
          outcomes.put(each.getKey(), outcome(each.getValue(), channel));
        }
      }
    }
    return outcomes;
  }

  private static DatagramChannel open(TestTransport transport, State state, InetSocketAddress peer)
      throws IOException {
    DatagramChannel channel = transport.openDatagram();
    if (state != State.OPEN) {
      channel.bind(new InetSocketAddress(transport.loopback(), 0));
    }
    if (state == State.CONNECTED) {
      channel.connect(peer);
    }
    if (state == State.CLOSED) {
      channel.close();
    }
    return channel;
  }

  private static InetSocketAddress local(DatagramChannel channel) throws IOException {
    return (InetSocketAddress) channel.getLocalAddress();
  }

  /**
   * The exceptions of closed channels differ by JDK, messages about nulls and indexes are the
   * JVM's, and a ring's about the value of an option name it.
   */
  private static String outcome(Operation operation, DatagramChannel channel) {
    try {
      operation.apply(channel);
      return "done";
    } catch (ClosedChannelException e) {
      return "closed";
    } catch (NullPointerException | IndexOutOfBoundsException e) {
      return e.getClass().getSimpleName();
    } catch (IOException | RuntimeException e) {
      return withoutValue(Outcomes.of(e));
    }
  }

  private static String withoutValue(String outcome) {
    return outcome.startsWith(INVALID) ? INVALID : outcome;
  }

  // -- the tables

  private static Map<String, Operation> channelOperations() {
    Map<String, Operation> table = new LinkedHashMap<>();
    table.put("bind to a path", c -> c.bind(PATH));
    table.put("bind to a host unknown", c -> c.bind(UNRESOLVED));
    table.put("bind to any", c -> c.bind(null));
    table.put("connect to null", c -> c.connect(null));
    table.put("connect to a path", c -> c.connect(PATH));
    table.put("connect to a host unknown", c -> c.connect(UNRESOLVED));
    table.put("disconnect", DatagramChannel::disconnect);
    table.put("receive null", c -> c.receive(null));
    table.put("receive read-only", c -> c.receive(readOnly()));
    table.put("send null", c -> c.send(null, discard()));
    table.put("send to null", c -> c.send(bytes(1), null));
    table.put("send to a path", c -> c.send(bytes(1), PATH));
    table.put("send to a host unknown", c -> c.send(bytes(1), UNRESOLVED));
    table.put("send elsewhere", c -> c.send(bytes(1), discard()));
    table.put("send too much", c -> c.send(bytes(65_508), discard()));
    table.put("read null", c -> c.read((ByteBuffer) null));
    table.put("read read-only", c -> c.read(readOnly()));
    table.put("scatter null", c -> c.read((ByteBuffer[]) null));
    table.put("scatter to null", c -> c.read(new ByteBuffer[] {null}));
    table.put("scatter out of bounds", c -> c.read(new ByteBuffer[] {bytes(1)}, 1, 1));
    table.put("scatter before the array", c -> c.read(new ByteBuffer[] {bytes(1)}, -1, 1));
    table.put("write null", c -> c.write((ByteBuffer) null));
    table.put("write too much", c -> c.write(bytes(65_508)));
    table.put("gather null", c -> c.write((ByteBuffer[]) null));
    table.put("gather of null", c -> c.write(new ByteBuffer[] {null}));
    table.put("gather out of bounds", c -> c.write(new ByteBuffer[] {bytes(1)}, 0, 2));
    table.putAll(optionOperations());
    table.put("join null", c -> c.join(null, loopback()));
    table.put("join no group", c -> c.join(InetAddress.getLoopbackAddress(), loopback()));
    table.put("join on null", c -> c.join(group(), null));
    table.put("join by a source of any", c -> c.join(group(), loopback(), group()));
    return table;
  }

  private static Map<String, Operation> optionOperations() {
    Map<String, Operation> table = new LinkedHashMap<>();
    table.put("set null", c -> c.setOption(null, 1));
    table.put("set to null", c -> c.setOption(StandardSocketOptions.SO_RCVBUF, null));
    table.put("set of streams", c -> c.setOption(StandardSocketOptions.TCP_NODELAY, true));
    table.put("receive buffer -1", c -> c.setOption(StandardSocketOptions.SO_RCVBUF, -1));
    table.put("send buffer -1", c -> c.setOption(StandardSocketOptions.SO_SNDBUF, -1));
    table.put("service -1", c -> c.setOption(StandardSocketOptions.IP_TOS, -1));
    table.put("service 256", c -> c.setOption(StandardSocketOptions.IP_TOS, 256));
    table.put("hops -1", c -> c.setOption(StandardSocketOptions.IP_MULTICAST_TTL, -1));
    table.put("hops 256", c -> c.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 256));
    table.put("interface null", c -> c.setOption(StandardSocketOptions.IP_MULTICAST_IF, null));
    table.put("get null", c -> c.getOption(null));
    table.put("get of streams", c -> c.getOption(StandardSocketOptions.TCP_NODELAY));
    return table;
  }

  private static Map<String, Operation> socketOperations() {
    Map<String, Operation> table = new LinkedHashMap<>();
    table.put("bind to a path", on(s -> s.bind(PATH)));
    table.put("bind to a host unknown", on(s -> s.bind(UNRESOLVED)));
    table.put("bind to any", on(s -> s.bind(null)));
    table.put("connect to null", on(s -> s.connect(null)));
    table.put("connect to a path", on(s -> s.connect(PATH)));
    table.put("connect to a host unknown", on(s -> s.connect(UNRESOLVED)));
    table.put("connect to no host", on(s -> s.connect(null, 1)));
    table.put("connect to port -1", on(s -> s.connect(discard().getAddress(), -1)));
    table.put("connect to port 65536", on(s -> s.connect(discard().getAddress(), 65_536)));
    table.put("disconnect", on(DatagramSocket::disconnect));
    table.put("send null", on(s -> s.send(null)));
    table.put("send elsewhere", on(s -> s.send(packet(1))));
    table.put("send too much", on(s -> s.send(packet(65_508))));
    table.put("receive null", on(s -> receive(s, null)));
    table.put("receive nothing", on(s -> receive(s, packet(1))));
    table.put("timeout -1", on(s -> s.setSoTimeout(-1)));
    table.put("timeout", on(DatagramSocket::getSoTimeout));
    table.put("send buffer 0", on(s -> s.setSendBufferSize(0)));
    table.put("send buffer -1", on(s -> s.setSendBufferSize(-1)));
    table.put("receive buffer 0", on(s -> s.setReceiveBufferSize(0)));
    table.put("receive buffer -1", on(s -> s.setReceiveBufferSize(-1)));
    table.put("class -1", on(s -> s.setTrafficClass(-1)));
    table.put("class 256", on(s -> s.setTrafficClass(256)));
    table.put("broadcast", on(s -> s.setBroadcast(true)));
    table.put("reuse", on(DatagramSocket::getReuseAddress));
    table.put("set null", on(s -> s.setOption(null, 1)));
    table.put("set to null", on(s -> s.setOption(StandardSocketOptions.SO_RCVBUF, null)));
    table.put("get of streams", on(s -> s.getOption(StandardSocketOptions.TCP_NODELAY)));
    table.put("join null", on(s -> s.joinGroup(null, loopback())));
    table.put("join a path", on(s -> s.joinGroup(PATH, loopback())));
    table.put("join a host unknown", on(s -> s.joinGroup(UNRESOLVED, loopback())));
    table.put("join no group", on(s -> s.joinGroup(discard(), loopback())));
    table.put("leave null", on(s -> s.leaveGroup(null, loopback())));
    table.put("leave no group", on(s -> s.leaveGroup(discard(), loopback())));
    table.put("leave not joined", on(s -> s.leaveGroup(groupAddress(), loopback())));
    return table;
  }

  private static void receive(DatagramSocket socket, DatagramPacket packet) throws IOException {
    socket.setSoTimeout(1);
    socket.receive(packet);
  }

  private static Operation on(SocketOperation operation) {
    return channel -> operation.apply(channel.socket());
  }

  private static DatagramPacket packet(int count) {
    return new DatagramPacket(new byte[count], count, discard());
  }

  private static ByteBuffer bytes(int count) {
    return ByteBuffer.allocate(count);
  }

  private static ByteBuffer readOnly() {
    return bytes(1).asReadOnlyBuffer();
  }

  private static InetSocketAddress discard() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);
  }

  private static InetAddress group() throws IOException {
    return InetAddress.getByName("239.1.2.89");
  }

  private static InetSocketAddress groupAddress() throws IOException {
    return new InetSocketAddress(group(), 0);
  }

  private static NetworkInterface loopback() throws IOException {
    return NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
  }

  /** An operation on a channel. */
  @FunctionalInterface
  private interface Operation {
    void apply(DatagramChannel channel) throws IOException;
  }

  /** An operation on a channel's socket. */
  @FunctionalInterface
  private interface SocketOperation {
    void apply(DatagramSocket socket) throws IOException;
  }
}
