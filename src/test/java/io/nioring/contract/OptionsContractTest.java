package io.nioring.contract;

import static java.net.StandardSocketOptions.IP_MULTICAST_TTL;
import static java.net.StandardSocketOptions.IP_TOS;
import static java.net.StandardSocketOptions.SO_BROADCAST;
import static java.net.StandardSocketOptions.SO_KEEPALIVE;
import static java.net.StandardSocketOptions.SO_LINGER;
import static java.net.StandardSocketOptions.SO_RCVBUF;
import static java.net.StandardSocketOptions.SO_REUSEADDR;
import static java.net.StandardSocketOptions.SO_REUSEPORT;
import static java.net.StandardSocketOptions.SO_SNDBUF;
import static java.net.StandardSocketOptions.TCP_NODELAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Socket options of client, accepted and server channels. */
class OptionsContractTest {
  private static final List<SocketOption<Boolean>> CLIENT_FLAGS =
      List.of(SO_KEEPALIVE, SO_REUSEADDR, SO_REUSEPORT, TCP_NODELAY);

  @EachTransport
  void supportedOptionsAreThoseOfTheFamily(TestTransport transport) throws IOException {
    Set<SocketOption<?>> client = transport.openClient().supportedOptions();
    Set<SocketOption<?>> server = transport.openServer().supportedOptions();

    assertThat(client).contains(SO_SNDBUF, SO_RCVBUF, SO_LINGER);
    assertThat(server).contains(SO_RCVBUF);
    if (transport.isUnix()) {
      assertThat(client).doesNotContain(TCP_NODELAY, SO_KEEPALIVE, SO_REUSEADDR, IP_TOS);
      assertThat(names(client)).contains("SO_PEERCRED").doesNotContain("TCP_KEEPIDLE");
      assertThat(server).doesNotContain(SO_REUSEADDR, SO_REUSEPORT);
    } else {
      assertThat(client).contains(TCP_NODELAY, SO_KEEPALIVE, SO_REUSEADDR, SO_REUSEPORT, IP_TOS);
      assertThat(names(client))
          .contains("TCP_KEEPIDLE", "TCP_KEEPINTERVAL", "TCP_KEEPCOUNT", "TCP_QUICKACK")
          .doesNotContain("SO_PEERCRED");
      assertThat(server).contains(SO_REUSEADDR, SO_REUSEPORT).doesNotContain(TCP_NODELAY);
    }
    assertThatThrownBy(() -> client.remove(SO_SNDBUF))
        .isExactlyInstanceOf(UnsupportedOperationException.class);
  }

  private static Set<String> names(Set<SocketOption<?>> options) {
    Set<String> names = new HashSet<>();
    options.forEach(option -> names.add(option.name()));
    return names;
  }

  @EachTransport
  void ringsSupportTheSameOptionsAsThePlatform(TestTransport transport) throws IOException {
    StandardProtocolFamily family =
        transport.isUnix() ? StandardProtocolFamily.UNIX : StandardProtocolFamily.INET6;
    try (SocketChannel client = SocketChannel.open(family);
        ServerSocketChannel server = ServerSocketChannel.open(family)) {
      assertThat(names(transport.openClient().supportedOptions()))
          .containsAll(namesWithoutOobInline(client));
      assertThat(names(transport.openServer().supportedOptions()))
          .containsAll(namesWithoutOobInline(server));
    }
  }

  /** The JDK has no constant for SO_OOBINLINE: it is set through the adaptor. */
  private static Set<String> namesWithoutOobInline(NetworkChannel channel) {
    Set<String> names = names(channel.supportedOptions());
    names.remove("SO_OOBINLINE");
    return names;
  }

  @EachTransport
  void everySupportedOptionCanBeReadOnAConnectedChannel(TestTransport transport)
      throws IOException {
    TestTransport.Pair pair = transport.connectedPair();
    for (SocketChannel channel : List.of(pair.client(), pair.server())) {
      for (SocketOption<?> option : channel.supportedOptions()) {
        assertThat(channel.getOption(option)).as(option.name()).isNotNull();
      }
    }
  }

  /** What is wrong with the arguments is told first. */
  @EachTransport
  void aClosedChannelRefusesAValueOfAnotherType(TestTransport transport) throws IOException {
    SocketChannel client = transport.openClient();
    ServerSocketChannel server = transport.openServer();
    client.close();
    server.close();

    for (NetworkChannel channel : List.of(client, server)) {
      for (Object value : new Object[] {null, "many", true}) {
        assertThatThrownBy(() -> channel.setOption(anyOption(SO_RCVBUF), value))
            .isExactlyInstanceOf(IllegalArgumentException.class);
      }
      assertThatThrownBy(() -> channel.setOption(SO_RCVBUF, 1000))
          .isInstanceOf(ClosedChannelException.class);
    }
  }

  @SuppressWarnings("unchecked") // as of a program that takes options from its configuration
  private static SocketOption<Object> anyOption(SocketOption<?> option) {
    return (SocketOption<Object>) option;
  }

  @EachInet
  void flagsReadBackWhatWasSet(TestTransport transport) throws IOException {
    SocketChannel unconnected = transport.openClient();
    TestTransport.Pair pair = transport.connectedPair();
    for (SocketChannel channel : List.of(unconnected, pair.client(), pair.server())) {
      for (SocketOption<Boolean> flag : CLIENT_FLAGS) {
        for (boolean value : new boolean[] {true, false, true}) {
          assertThat(channel.setOption(flag, value)).isSameAs(channel);
          assertThat(channel.getOption(flag)).as(flag.name()).isEqualTo(value);
        }
      }
    }
  }

  @EachInet
  void flagsOfAFreshClientAreOff(TestTransport transport) throws IOException {
    SocketChannel client = transport.openClient();

    for (SocketOption<Boolean> flag : CLIENT_FLAGS) {
      assertThat(client.getOption(flag)).as(flag.name()).isFalse();
    }
  }

  @EachInet
  void reuseAddressOfAFreshServerIsOn(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.openServer();

    assertThat(server.getOption(SO_REUSEADDR)).isTrue();
    assertThat(server.setOption(SO_REUSEADDR, false)).isSameAs(server);
    assertThat(server.getOption(SO_REUSEADDR)).isFalse();
  }

  @EachInet
  void extendedTcpOptionsReadBackWhatWasSet(TestTransport transport) throws IOException {
    SocketChannel client = transport.connectedPair().client();
    Map<String, Integer> values =
        Map.of("TCP_KEEPIDLE", 77, "TCP_KEEPINTERVAL", 7, "TCP_KEEPCOUNT", 5);
    for (SocketOption<?> option : client.supportedOptions()) {
      Integer value = values.get(option.name());
      if (value != null) {
        setInteger(client, option, value);
        assertThat(client.getOption(option)).isEqualTo(value);
      }
      if (option.name().equals("TCP_QUICKACK")) {
        setFlag(client, option, true);
        assertThat(client.getOption(option)).isEqualTo(true);
      }
    }
  }

  @EachInet
  void acceptedChannelInheritsTheOptionsOfItsListener(TestTransport transport) throws IOException {
    ServerSocketChannel plain = transport.listen();
    ServerSocketChannel changed = transport.openServer();
    changed.setOption(SO_REUSEADDR, false).setOption(SO_REUSEPORT, true);
    for (SocketOption<?> option : changed.supportedOptions()) {
      if (option.name().equals("TCP_KEEPIDLE")) {
        setInteger(changed, option, 77);
      }
    }
    changed.bind(transport.bindAddress());
    SocketChannel client = transport.connectTo(plain);
    SocketChannel first = transport.accept(plain);
    transport.connectTo(changed);
    SocketChannel second = transport.accept(changed);

    assertThat(client.getOption(SO_REUSEADDR)).isFalse();
    assertThat(first.getOption(SO_REUSEADDR)).isTrue();
    assertThat(first.getOption(SO_REUSEPORT)).isFalse();
    assertThat(first.supportedOptions()).isEqualTo(client.supportedOptions());
    assertThat(second.getOption(SO_REUSEADDR)).isFalse();
    assertThat(second.getOption(SO_REUSEPORT)).isTrue();
    for (SocketOption<?> option : second.supportedOptions()) {
      if (option.name().equals("TCP_KEEPIDLE")) {
        assertThat(second.getOption(option)).isEqualTo(77);
        assertThat(first.getOption(option)).isEqualTo(client.getOption(option));
      }
    }
    first.setOption(SO_REUSEADDR, false);
    assertThat(first.getOption(SO_REUSEADDR)).isFalse();
  }

  @SuppressWarnings("unchecked")
  private static void setInteger(NetworkChannel channel, SocketOption<?> option, int value)
      throws IOException {
    channel.setOption((SocketOption<Integer>) option, value);
  }

  @SuppressWarnings("unchecked")
  private static void setFlag(NetworkChannel channel, SocketOption<?> option, boolean value)
      throws IOException {
    channel.setOption((SocketOption<Boolean>) option, value);
  }

  @EachInet
  void trafficClassReadsBackWhatWasSet(TestTransport transport) throws IOException {
    SocketChannel client = transport.openClient();

    assertThat(client.getOption(IP_TOS)).isZero();
    client.setOption(IP_TOS, 0x10);
    assertThat(client.getOption(IP_TOS)).isEqualTo(0x10);
  }

  @EachTransport
  void lingerStartsNegativeAndReadsBack(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();
    for (SocketChannel channel : List.of(transport.openClient(), pair.client(), pair.server())) {
      assertThat(channel.getOption(SO_LINGER)).isNegative();
      channel.setOption(SO_LINGER, 5);
      assertThat(channel.getOption(SO_LINGER)).isEqualTo(5);
      channel.setOption(SO_LINGER, 0);
      assertThat(channel.getOption(SO_LINGER)).isZero();
      channel.setOption(SO_LINGER, -1);
      assertThat(channel.getOption(SO_LINGER)).isNegative();
    }
  }

  @EachTransport
  void bufferSizesArePositiveAndTakeAnySize(TestTransport transport) throws IOException {
    TestTransport.Pair pair = transport.connectedPair();
    for (SocketChannel channel : List.of(transport.openClient(), pair.client(), pair.server())) {
      for (SocketOption<Integer> option : List.of(SO_SNDBUF, SO_RCVBUF)) {
        assertThat(channel.getOption(option)).isPositive();
        for (int size : new int[] {1, 8_192, 65_536, Integer.MAX_VALUE}) {
          channel.setOption(option, size);
          assertThat(channel.getOption(option)).isPositive();
        }
      }
    }
    ServerSocketChannel server = transport.openServer();
    assertThat(server.getOption(SO_RCVBUF)).isPositive();
    server.setOption(SO_RCVBUF, Integer.MAX_VALUE);
    assertThat(server.getOption(SO_RCVBUF)).isPositive();
  }

  /** A program may set what it read, again and again, and must not end with nothing. */
  @EachTransport
  void bufferSizesDoNotDecreaseByReadingBack(TestTransport transport) throws IOException {
    SocketChannel client = transport.openClient();
    for (SocketOption<Integer> option : List.of(SO_SNDBUF, SO_RCVBUF)) {
      int size = client.getOption(option);
      for (int i = 0; i < 3; i++) {
        client.setOption(option, size);
        int next = client.getOption(option);
        assertThat(next).isGreaterThanOrEqualTo(size);
        size = next;
      }
    }
  }

  @EachTransport
  void negativeBufferSizesAreRefused(TestTransport transport) throws IOException {
    SocketChannel client = transport.openClient();

    assertThatThrownBy(() -> client.setOption(SO_SNDBUF, -1))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> client.setOption(SO_RCVBUF, -1))
        .isExactlyInstanceOf(IllegalArgumentException.class);
  }

  @EachTransport
  void nullNamesAndValuesAreRefused(TestTransport transport) throws IOException {
    SocketChannel client = transport.openClient();
    ServerSocketChannel server = transport.openServer();

    assertThatThrownBy(() -> client.getOption(null))
        .isExactlyInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> client.setOption(null, 1))
        .isExactlyInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> client.setOption(SO_SNDBUF, null))
        .isInstanceOfAny(IllegalArgumentException.class, NullPointerException.class);
    assertThatThrownBy(() -> server.getOption(null))
        .isExactlyInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> server.setOption(null, 1))
        .isExactlyInstanceOf(NullPointerException.class);
  }

  @EachTransport
  void unsupportedOptionsAreRefused(TestTransport transport) throws IOException {
    SocketChannel client = transport.openClient();
    ServerSocketChannel server = transport.openServer();
    SocketOption<String> banana = new Banana();

    for (NetworkChannel channel : List.of(client, server)) {
      assertThatThrownBy(() -> channel.setOption(banana, "x"))
          .isExactlyInstanceOf(UnsupportedOperationException.class);
      assertThatThrownBy(() -> channel.getOption(banana))
          .isExactlyInstanceOf(UnsupportedOperationException.class);
      assertThatThrownBy(() -> channel.setOption(SO_BROADCAST, true))
          .isExactlyInstanceOf(UnsupportedOperationException.class);
      assertThatThrownBy(() -> channel.getOption(IP_MULTICAST_TTL))
          .isExactlyInstanceOf(UnsupportedOperationException.class);
    }
  }

  @EachUnix
  void unixChannelsRefuseTcpOptions(TestTransport transport) throws IOException {
    SocketChannel client = transport.connectedPair().client();

    assertThatThrownBy(() -> client.setOption(TCP_NODELAY, true))
        .isExactlyInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> client.getOption(SO_KEEPALIVE))
        .isExactlyInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> transport.openServer().setOption(SO_REUSEADDR, true))
        .isExactlyInstanceOf(UnsupportedOperationException.class);
  }

  @EachTransport
  void closedChannelsRefuseOptions(TestTransport transport) throws IOException {
    SocketChannel client = transport.openClient();
    ServerSocketChannel server = transport.openServer();
    client.close();
    server.close();

    assertThatThrownBy(() -> client.setOption(SO_SNDBUF, 1_024))
        .isExactlyInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> client.getOption(SO_SNDBUF))
        .isExactlyInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> server.setOption(SO_RCVBUF, 1_024))
        .isExactlyInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> server.getOption(SO_RCVBUF))
        .isExactlyInstanceOf(ClosedChannelException.class);
    assertThat(client.supportedOptions()).contains(SO_SNDBUF);
  }

  @EachUnix
  void peerCredentialsNameTheUserOfThisProcess(TestTransport transport) throws IOException {
    ServerSocketChannel server = transport.listen();
    SocketChannel client = transport.connectTo(server);
    SocketChannel accepted = transport.accept(server);
    SocketOption<?> credentials =
        client.supportedOptions().stream()
            .filter(option -> option.name().equals("SO_PEERCRED"))
            .findFirst()
            .orElseThrow();

    Object ofServer = client.getOption(credentials);
    Object ofClient = accepted.getOption(credentials);

    assertThat(ofServer).isEqualTo(ofClient);
    assertThat(ofServer.toString()).contains(System.getProperty("user.name"));
    client.close();
    assertThat(accepted.getOption(credentials)).isEqualTo(ofClient);
  }

  /** An option that no channel knows. */
  private static final class Banana implements SocketOption<String> {
    @Override
    public String name() {
      return "BANANA";
    }

    @Override
    public Class<String> type() {
      return String.class;
    }
  }

  /** As callers can that do not heed the compiler's warning. */
  @EachTransport
  @SuppressWarnings({"unchecked", "rawtypes"})
  void valueOfAnotherTypeIsRefused(TestTransport transport) throws IOException {
    SocketChannel client = transport.openClient();
    SocketOption anyOption = StandardSocketOptions.SO_SNDBUF;

    assertThatThrownBy(() -> client.setOption(anyOption, "many"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
