package io.nioring.datagram;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingNetwork;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What datagrams in the JVM do otherwise than the platform's, on purpose. */
@Timeout(180)
class DatagramDeviationTest {
  private final RingNetwork network = RingNetwork.open();

  @AfterEach
  void close() {
    network.close();
  }

  private DatagramChannel openChannel() throws IOException {
    return network.provider().openDatagramChannel(StandardProtocolFamily.INET);
  }

  @Test
  void anyAddressMayBeBound() throws IOException {
    DatagramChannel receiver = openChannel().bind(new InetSocketAddress("203.0.113.7", 53));
    DatagramChannel sender = openChannel().bind(new InetSocketAddress("203.0.113.8", 53));
    sender.send(ByteBuffer.allocate(1), receiver.getLocalAddress());
    assertThat(receiver.receive(ByteBuffer.allocate(1))).isEqualTo(sender.getLocalAddress());
  }

  @Test
  void aGroupNeedsNoRoute() throws IOException {
    InetAddress group = InetAddress.getByName("239.1.2.90");
    DatagramChannel member = openChannel().bind(new InetSocketAddress(0));
    member.join(group, NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress()));
    int port = ((InetSocketAddress) member.getLocalAddress()).getPort();
    DatagramChannel sender = openChannel();
    sender.send(ByteBuffer.allocate(1), new InetSocketAddress(group, port));
    InetSocketAddress source = (InetSocketAddress) member.receive(ByteBuffer.allocate(1));
    member.send(ByteBuffer.allocate(2), source);
    assertThat(sender.receive(ByteBuffer.allocate(2))).isNotNull();
  }

  /** Linux bounds both by settings of the machine, igmp_max_memberships and igmp_max_msf. */
  @Test
  void aSocketMayHaveAnyNumberOfMembershipsAndSources() throws IOException {
    NetworkInterface on = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
    DatagramChannel member = openChannel().bind(new InetSocketAddress(0));
    for (int i = 1; i <= 30; i++) {
      InetAddress group = InetAddress.getByName("239.1.2." + i);
      assertThat(member.join(group, on).isValid()).isTrue();
    }
    InetAddress group = InetAddress.getByName("239.1.2.90");
    for (int i = 1; i <= 30; i++) {
      assertThat(member.join(group, on, InetAddress.getByName("10.1.2." + i)).isValid()).isTrue();
    }
  }

  /** On JDK 17 the platform's receives what any socket of the machine has joined. */
  @Test
  void aWildcardHearsNoGroupThatItHasNotJoined() throws IOException {
    InetAddress group = InetAddress.getByName("ff12::90");
    NetworkInterface on = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
    DatagramChannel member = openInet6(0);
    int port = ((InetSocketAddress) member.getLocalAddress()).getPort();
    DatagramChannel other = openInet6(port);
    member.join(group, on);

    DatagramChannel sender = network.provider().openDatagramChannel();
    sender.send(ByteBuffer.allocate(1), new InetSocketAddress(group, port));

    assertThat(member.receive(ByteBuffer.allocate(1))).isNotNull();
    other.configureBlocking(false);
    assertThat(other.receive(ByteBuffer.allocate(1))).isNull();
  }

  private DatagramChannel openInet6(int port) throws IOException {
    return network
        .provider()
        .openDatagramChannel(StandardProtocolFamily.INET6)
        .setOption(StandardSocketOptions.SO_REUSEADDR, true)
        .bind(new InetSocketAddress(port));
  }

  @Test
  void theAdaptorIsNoMulticastSocket() throws IOException {
    assertThat(openChannel().socket()).isNotInstanceOf(MulticastSocket.class);
  }

  @Test
  void anEmptyPacketIsReadAsNoBytes() throws IOException {
    DatagramChannel receiver = openChannel().bind(new InetSocketAddress("203.0.113.7", 53));
    DatagramChannel sender = openChannel().bind(new InetSocketAddress("203.0.113.8", 53));
    receiver.connect(sender.getLocalAddress());
    sender.send(ByteBuffer.allocate(0), receiver.getLocalAddress());
    sender.send(ByteBuffer.allocate(0), receiver.getLocalAddress());
    assertThat(receiver.read(ByteBuffer.allocate(1))).isZero();
    assertThat(receiver.read(new ByteBuffer[] {ByteBuffer.allocate(1)})).isZero();
  }

  @Test
  void aPacketSentAfterADisconnectArrives() throws IOException {
    DatagramChannel receiver = openChannel().bind(new InetSocketAddress("203.0.113.7", 53));
    DatagramChannel sender = openChannel().bind(new InetSocketAddress("203.0.113.8", 53));
    sender.connect(new InetSocketAddress("203.0.113.7", 54));
    sender.write(ByteBuffer.allocate(1)); // finds nobody
    sender.disconnect();
    sender.send(ByteBuffer.allocate(2), receiver.getLocalAddress());
    assertThat(receiver.receive(ByteBuffer.allocate(2))).isEqualTo(sender.getLocalAddress());
  }

  @Test
  @SuppressWarnings("AddressSelection") // literals
  void aDisconnectedDualStackChannelHearsAllAgain() throws IOException {
    DatagramChannel dualStack = network.provider().openDatagramChannel();
    dualStack.bind(new InetSocketAddress(53));
    dualStack.connect(new InetSocketAddress("127.0.0.1", 54)).disconnect();
    DatagramChannel sender = network.provider().openDatagramChannel();
    sender.send(ByteBuffer.allocate(1), new InetSocketAddress("::1", 53));
    dualStack.configureBlocking(false);
    assertThat(dualStack.receive(ByteBuffer.allocate(1))).isNotNull();
  }

  @Test
  @SuppressWarnings("AddressSelection") // literals
  void aChannelThatHasHeardItsPeerIsNotPreferredLater() throws IOException {
    DatagramChannel dualStack = network.provider().openDatagramChannel();
    dualStack.setOption(StandardSocketOptions.SO_REUSEADDR, true).bind(new InetSocketAddress(53));
    dualStack.connect(new InetSocketAddress("::1", 53));
    dualStack.write(ByteBuffer.allocate(1));
    dualStack.read(ByteBuffer.allocate(1));
    dualStack.disconnect();
    DatagramChannel inet4 = openChannel();
    inet4.setOption(StandardSocketOptions.SO_REUSEADDR, true).bind(new InetSocketAddress(53));
    openChannel().send(ByteBuffer.allocate(1), new InetSocketAddress("127.0.0.1", 53));
    assertThat(inet4.configureBlocking(false)).isSameAs(inet4);
    assertThat(inet4.receive(ByteBuffer.allocate(1))).isNotNull();
  }

  @Test
  void aDroppedChannelFreesItsName() throws IOException {
    InetSocketAddress address = new InetSocketAddress("203.0.113.7", 53);
    WeakReference<DatagramChannel> dropped = new WeakReference<>(openChannel().bind(address));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!isFree(address)) {
      assertThat(System.nanoTime()).as("freed in time").isLessThan(deadline);
      System.gc();
      LockSupport.parkNanos(1_000_000);
    }
    assertThat(dropped.get()).isNull();
  }

  private boolean isFree(InetSocketAddress address) throws IOException {
    try (DatagramChannel channel = openChannel()) {
      channel.bind(address);
      return true;
    } catch (BindException e) {
      return false;
    }
  }

  @Test
  void closingTheNetworkClosesChannelsAndFreesNames() throws IOException {
    DatagramChannel channel = openChannel().bind(new InetSocketAddress(0));
    assertThat(network.statistics().openChannels()).isEqualTo(1);
    network.close();
    assertThat(channel.isOpen()).isFalse();
    assertThat(network.statistics().openChannels()).isZero();
  }
}
