package io.nioring.contract;

import static io.nioring.contract.DatagramSocketOperations.PATH;
import static io.nioring.contract.DatagramSocketOperations.UNRESOLVED;
import static io.nioring.contract.DatagramSocketOperations.discard;
import static io.nioring.contract.DatagramSocketOperations.group;
import static io.nioring.contract.DatagramSocketOperations.loopback;
import static io.nioring.contract.TransportKind.PLATFORM_INET4;
import static io.nioring.contract.TransportKind.RING_INET4;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What datagram channels and their sockets answer to bad arguments and in the wrong state: the
 * class of the exception, and its message where that is the JDK's own text, as on the platform.
 */
class DatagramExceptionsTest {
  /** The state of a channel before the operation. */
  enum State {
    OPEN,
    BOUND,
    CONNECTED,
    CLOSED
  }

  @ParameterizedTest
  @EnumSource
  @Timeout(180)
  void channelsFailAsThePlatforms(State state) throws Exception {
    assertThat(
            OutcomeTable.differences(
                channelOutcomes(PLATFORM_INET4, state), channelOutcomes(RING_INET4, state)))
        .isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  @Timeout(180)
  void socketsFailAsThePlatforms(State state) throws Exception {
    assertThat(
            OutcomeTable.differences(
                socketOutcomes(PLATFORM_INET4, state), socketOutcomes(RING_INET4, state)))
        .isEmpty();
  }

  private static Map<String, String> channelOutcomes(TransportKind kind, State state)
      throws Exception {
    try (TestTransport transport = TestTransport.open(kind)) {
      InetSocketAddress peer = local(transport.bindDatagram());
      return channelOperations().outcomes(() -> open(transport, state, peer));
    }
  }

  private static Map<String, String> socketOutcomes(TransportKind kind, State state)
      throws Exception {
    try (TestTransport transport = TestTransport.open(kind)) {
      InetSocketAddress peer = local(transport.bindDatagram());
      return DatagramSocketOperations.table().outcomes(() -> socket(transport, state, peer));
    }
  }

  private static DatagramSocket socket(TestTransport transport, State state, InetSocketAddress peer)
      throws IOException {
    return open(transport, state, peer).socket();
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

  // -- the table

  private static OutcomeTable<DatagramChannel> channelOperations() {
    OutcomeTable<DatagramChannel> table = new OutcomeTable<>();
    names(table);
    packets(table);
    options(table);
    groups(table);
    return table;
  }

  private static void names(OutcomeTable<DatagramChannel> table) {
    table
        .does("bind to a path", c -> c.bind(PATH))
        .does("bind to a host unknown", c -> c.bind(UNRESOLVED))
        .does("bind to any", c -> c.bind(null))
        .does("connect to null", c -> c.connect(null))
        .does("connect to a path", c -> c.connect(PATH))
        .does("connect to a host unknown", c -> c.connect(UNRESOLVED))
        .does("disconnect", DatagramChannel::disconnect);
  }

  private static void packets(OutcomeTable<DatagramChannel> table) {
    table
        .does("receive null", c -> c.receive(null))
        .does("receive read-only", c -> c.receive(readOnly()))
        .does("send null", c -> c.send(null, discard()))
        .does("send to null", c -> c.send(bytes(1), null))
        .does("send to a path", c -> c.send(bytes(1), PATH))
        .does("send to a host unknown", c -> c.send(bytes(1), UNRESOLVED))
        .does("send elsewhere", c -> c.send(bytes(1), discard()))
        .does("send too much", c -> c.send(bytes(65_508), discard()))
        .does("read null", c -> c.read((ByteBuffer) null))
        .does("read read-only", c -> c.read(readOnly()))
        .does("scatter null", c -> c.read((ByteBuffer[]) null))
        .does("scatter to null", c -> c.read(new ByteBuffer[] {null}))
        .does("scatter out of bounds", c -> c.read(new ByteBuffer[] {bytes(1)}, 1, 1))
        .does("scatter before the array", c -> c.read(new ByteBuffer[] {bytes(1)}, -1, 1))
        .does("write null", c -> c.write((ByteBuffer) null))
        .does("write too much", c -> c.write(bytes(65_508)))
        .does("gather null", c -> c.write((ByteBuffer[]) null))
        .does("gather of null", c -> c.write(new ByteBuffer[] {null}))
        .does("gather out of bounds", c -> c.write(new ByteBuffer[] {bytes(1)}, 0, 2));
  }

  private static void options(OutcomeTable<DatagramChannel> table) {
    table
        .does("set null", c -> c.setOption(null, 1))
        .does("set to null", c -> c.setOption(StandardSocketOptions.SO_RCVBUF, null))
        .does("set to a text", c -> c.setOption(anyOption(StandardSocketOptions.SO_RCVBUF), "many"))
        .does("set of streams", c -> c.setOption(StandardSocketOptions.TCP_NODELAY, true))
        .does("receive buffer -1", c -> c.setOption(StandardSocketOptions.SO_RCVBUF, -1))
        .does("send buffer -1", c -> c.setOption(StandardSocketOptions.SO_SNDBUF, -1))
        .does("service -1", c -> c.setOption(StandardSocketOptions.IP_TOS, -1))
        .does("service 256", c -> c.setOption(StandardSocketOptions.IP_TOS, 256))
        .does("hops -1", c -> c.setOption(StandardSocketOptions.IP_MULTICAST_TTL, -1))
        .does("hops 256", c -> c.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 256))
        .does("interface null", c -> c.setOption(StandardSocketOptions.IP_MULTICAST_IF, null))
        .does("get null", c -> c.getOption(null))
        .does("get of streams", c -> c.getOption(StandardSocketOptions.TCP_NODELAY));
  }

  @SuppressWarnings("unchecked") // as of a program that takes options from its configuration
  private static SocketOption<Object> anyOption(SocketOption<?> option) {
    return (SocketOption<Object>) option;
  }

  private static void groups(OutcomeTable<DatagramChannel> table) {
    table
        .does("join null", c -> c.join(null, loopback()))
        .does("join no group", c -> c.join(InetAddress.getLoopbackAddress(), loopback()))
        .does("join on null", c -> c.join(group(), null))
        .does("join by a source of any", c -> c.join(group(), loopback(), group()));
  }

  private static ByteBuffer bytes(int count) {
    return ByteBuffer.allocate(count);
  }

  private static ByteBuffer readOnly() {
    return bytes(1).asReadOnlyBuffer();
  }
}
