package io.nioring.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;

/** Multicast groups: who gets packets, and what membership keys do. */
class DatagramMulticastContractTest {
  private static NetworkInterface loopback(TestTransport transport) throws IOException {
    return NetworkInterface.getByInetAddress(transport.loopback());
  }

  private static InetAddress group(TestTransport transport) throws IOException {
    boolean ipv6 = transport.kind() == TransportKind.RING_INET6;
    return InetAddress.getByName(ipv6 ? "ff02::1:77" : "239.1.2.77");
  }

  private static DatagramChannel member(TestTransport transport, int port) throws IOException {
    DatagramChannel channel = transport.openDatagram();
    channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    channel.bind(new InetSocketAddress(port));
    channel.configureBlocking(false);
    return channel;
  }

  private static int port(DatagramChannel channel) throws IOException {
    return ((InetSocketAddress) channel.getLocalAddress()).getPort();
  }

  private static void send(TestTransport transport, DatagramChannel to) throws IOException {
    DatagramChannel sender = transport.bindDatagram();
    sender.setOption(StandardSocketOptions.IP_MULTICAST_IF, loopback(transport));
    sender.send(ByteBuffer.allocate(3), new InetSocketAddress(group(transport), port(to)));
    sender.close();
  }

  private static boolean hasPacket(DatagramChannel channel) throws IOException {
    return channel.receive(ByteBuffer.allocate(10)) != null;
  }

  @EachDatagram
  void allMembersOfThePortGetAPacket(TestTransport transport) throws IOException {
    DatagramChannel first = member(transport, 0);
    DatagramChannel second = member(transport, port(first));
    DatagramChannel stranger = member(transport, port(first));
    first.join(group(transport), loopback(transport));
    second.join(group(transport), loopback(transport));

    send(transport, first);

    assertThat(hasPacket(first)).isTrue();
    assertThat(hasPacket(second)).isTrue();
    assertThat(hasPacket(first)).isFalse();
    assertThat(hasPacket(stranger)).isFalse();
  }

  @EachDatagram
  void droppedAndClosedMembershipsEnd(TestTransport transport) throws IOException {
    DatagramChannel member = member(transport, 0);
    MembershipKey key = member.join(group(transport), loopback(transport));
    assertThat(member.join(group(transport), loopback(transport))).isSameAs(key);
    assertThat(key.isValid()).isTrue();
    assertThat(key.channel()).isSameAs(member);
    assertThat(key.group()).isEqualTo(group(transport));
    assertThat(key.networkInterface()).isEqualTo(loopback(transport));
    assertThat(key.sourceAddress()).isNull();
    key.drop();
    key.drop();
    assertThat(key.isValid()).isFalse();
    send(transport, member);
    assertThat(hasPacket(member)).isFalse();

    MembershipKey again = member.join(group(transport), loopback(transport));
    member.close();
    assertThat(again.isValid()).isFalse();
    again.drop();
    assertThatThrownBy(() -> again.block(transport.loopback()))
        .isExactlyInstanceOf(IllegalStateException.class);
  }

  @EachDatagram
  void blockedSourcesAreNotHeard(TestTransport transport) throws IOException {
    DatagramChannel member = member(transport, 0);
    MembershipKey key = member.join(group(transport), loopback(transport));
    assertThatThrownBy(() -> key.unblock(transport.loopback()))
        .isExactlyInstanceOf(IllegalStateException.class);
    assertThat(key.block(transport.loopback())).isSameAs(key);
    send(transport, member);
    assertThat(hasPacket(member)).isFalse();
    assertThat(key.unblock(transport.loopback())).isSameAs(key);
    send(transport, member);
    assertThat(hasPacket(member)).isTrue();
  }

  @EachDatagram
  void aSourceSpecificMemberHearsThatSource(TestTransport transport) throws IOException {
    DatagramChannel member = member(transport, 0);
    MembershipKey key = member.join(group(transport), loopback(transport), transport.loopback());
    assertThat(key.sourceAddress()).isEqualTo(transport.loopback());
    assertThatThrownBy(() -> key.block(transport.loopback()))
        .isExactlyInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> member.join(group(transport), loopback(transport)))
        .isExactlyInstanceOf(IllegalStateException.class);
    send(transport, member);
    assertThat(hasPacket(member)).isTrue();
  }

  @EachDatagram
  void anotherSourceIsNotHeard(TestTransport transport) throws IOException {
    boolean ipv6 = transport.kind() == TransportKind.RING_INET6;
    InetAddress other = InetAddress.getByName(ipv6 ? "fe80::7" : "10.77.7.7");
    DatagramChannel member = member(transport, 0);
    member.join(group(transport), loopback(transport), other);
    send(transport, member);
    assertThat(hasPacket(member)).isFalse();
  }

  @EachDatagram
  void wrongGroupsAndSourcesAreRefused(TestTransport transport) throws IOException {
    DatagramChannel channel = transport.openDatagram();
    NetworkInterface on = loopback(transport);
    InetAddress group = group(transport);
    InetAddress foreign =
        InetAddress.getByName(transport.kind() == TransportKind.RING_INET6 ? "10.0.0.1" : "::1");
    assertThatThrownBy(() -> channel.join(transport.loopback(), on))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> channel.join(group, on, group))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> channel.join(group, on, foreign))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> channel.join(group, on, null))
        .isExactlyInstanceOf(NullPointerException.class);
    channel.join(group, on);
    assertThatThrownBy(() -> channel.join(group, on, transport.loopback()))
        .isExactlyInstanceOf(IllegalStateException.class);
  }
}
