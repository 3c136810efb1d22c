package io.nioring.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.RingNetwork;
import io.nioring.simulation.Fault;
import io.nioring.simulation.RingHost;
import io.nioring.simulation.Simulation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A capture at one host of a simulation: what is sent when it leaves, the rest when it arrives. */
class HostCaptureTest {
  private static final CaptureOptions.Builder OPTIONS = CaptureOptions.builder().blocking(true);

  private final Simulation sim = Simulation.open();
  private final RingHost near = sim.host("near");
  private final RingHost far = sim.host("far");

  private SocketChannel client;
  private SocketChannel server;
  private InetSocketAddress clientAddress;
  private InetSocketAddress serverAddress;
  private Capture atNear;
  private Capture atFar;

  @TempDir private Path folder;

  @BeforeEach
  void connect() throws Exception {
    atNear = capture("near");
    atFar = capture("far");
    try (ServerSocketChannel listener = far.provider().openServerSocketChannel()) {
      listener.bind(new InetSocketAddress(far.address(), 80));
      client = near.provider().openSocketChannel();
      client.connect(listener.getLocalAddress());
      server = listener.accept();
    }
    client.configureBlocking(false);
    server.configureBlocking(false);
    clientAddress = (InetSocketAddress) client.getLocalAddress();
    serverAddress = (InetSocketAddress) client.getRemoteAddress();
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    server.close();
    sim.close();
  }

  private Capture capture(String host) throws IOException {
    return Capture.start(sim.network(), file(host), OPTIONS.host(host).build());
  }

  private Path file(String host) {
    return folder.resolve(host + ".pcapng");
  }

  private static void write(SocketChannel to, int bytes) throws IOException {
    assertThat(to.write(ByteBuffer.allocate(bytes))).isEqualTo(bytes);
  }

  private static int read(SocketChannel from) throws IOException {
    return from.read(ByteBuffer.allocate(10_000));
  }

  /** What the capture at a host has shown until now, and in an order that TCP knows. */
  private CapturedStreams end(Capture capture, String host) throws IOException {
    capture.close();
    assertThat(capture.failure()).isEmpty();
    return CapturedStreams.of(PcapngFile.read(file(host)).packets());
  }

  private CapturedStreams.Stream there(CapturedStreams all) {
    return all.stream(clientAddress, serverAddress);
  }

  @Test
  void bytesArriveInPiecesAsTheyAreDelivered() throws Exception {
    sim.hold(near, far);
    write(client, 1000);
    assertThat(sim.link(near, far).toward(far).deliver(300)).isEqualTo(300);
    assertThat(read(server)).isEqualTo(300);

    assertThat(there(end(atFar, "far")).bytes()).hasSize(300);
    assertThat(there(end(atNear, "near")).bytes()).hasSize(1000);
  }

  @Test
  void bytesOfAPartitionLeaveAndAreNotAcknowledged() throws Exception {
    write(client, 100);
    assertThat(read(server)).isEqualTo(100);
    Fault partition = sim.partition(near, far);
    write(client, 50);
    assertThat(partition.isActive()).isTrue();

    CapturedStreams.Stream left = there(end(atNear, "near"));
    assertThat(left.bytes()).hasSize(150);
    assertThat(left.acknowledgedBytes()).isEqualTo(100);
    assertThat(there(end(atFar, "far")).bytes()).hasSize(100);
  }

  @Test
  void whatWasReadBehindACutIsAcknowledgedWhenThatHeals() throws Exception {
    Fault cut = sim.partitionOneWay(far, near);
    write(client, 70);
    assertThat(read(server)).isEqualTo(70);
    CapturedStreams.Stream arrived = there(end(atFar, "far"));
    assertThat(arrived.bytes()).hasSize(70);
    assertThat(arrived.acknowledgedBytes()).as("sent by far").isEqualTo(70);
    Capture later = capture("far");
    cut.close();
    later.close();

    CapturedStreams.Stream left = there(end(atNear, "near"));
    assertThat(left.acknowledgedBytes()).isEqualTo(70);
    List<CapturedPacket> packets = PcapngFile.read(file("near")).packets();
    assertThat(packets.get(packets.size() - 1).from()).isEqualTo(serverAddress);
  }

  @Test
  void acknowledgementsThatAreLostAreNotSeen() throws Exception {
    Fault cut = sim.partitionOneWay(far, near);
    write(client, 70);
    assertThat(read(server)).isEqualTo(70);
    assertThat(there(end(atNear, "near")).acknowledgedBytes()).isZero();
    cut.close();
  }

  @Test
  void endsAreSeenAtTheFarHostWhenTheyArrive() throws Exception {
    sim.hold(near, far);
    write(client, 10);
    client.shutdownOutput();
    CapturedStreams.Stream left = there(end(atNear, "near"));
    assertThat(left.finished()).isTrue();
    assertThat(left.finishAcknowledged()).isFalse();
    assertThat(there(end(atFar, "far")).finished()).isFalse();

    Capture later = Capture.start(sim.network(), file("later"), OPTIONS.host("far").build());
    write(server, 1);
    sim.release(near, far);
    assertThat(read(server)).isEqualTo(10);
    assertThat(read(server)).isEqualTo(-1);
    CapturedStreams.Stream arrived = there(end(later, "later"));
    assertThat(arrived.finished()).isTrue();
    assertThat(arrived.finishAcknowledged()).isTrue();
  }

  @Test
  void aResetLeavesBeforeItArrives() throws Exception {
    sim.hold(near, far);
    client.setOption(StandardSocketOptions.SO_LINGER, 0);
    client.close();
    assertThat(there(end(atNear, "near")).reset()).isTrue();
    assertThat(there(end(atFar, "far")).reset()).isFalse();

    Capture later = Capture.start(sim.network(), file("later"), OPTIONS.host("far").build());
    sim.release(near, far);
    assertThat(there(end(later, "later")).reset()).isTrue();
  }

  @Test
  void connectionsThatBothEndsHaveClosedAreForgotten() throws Exception {
    sim.hold(near, far);
    client.close();
    server.close();
    sim.release(near, far);
    atNear.close();
    atFar.close();
    assertThat(atNear.connections()).isZero();
    assertThat(atFar.connections()).isZero();
  }

  @Test
  void datagramsAreSeenWhereTheyLeaveAndWhenTheyArrive() throws Exception {
    try (DatagramChannel from = near.provider().openDatagramChannel();
        DatagramChannel to = far.provider().openDatagramChannel()) {
      to.bind(new InetSocketAddress(far.address(), 53));
      from.bind(new InetSocketAddress(near.address(), 0));
      from.send(ByteBuffer.allocate(1), to.getLocalAddress());
      Fault partition = sim.partition(near, far);
      from.send(ByteBuffer.allocate(2), to.getLocalAddress());
      partition.close();
      sim.hold(near, far);
      from.send(ByteBuffer.allocate(3), to.getLocalAddress());
      assertThat(datagrams("near", atNear)).containsExactly(1, 2, 3);
      assertThat(datagrams("far", atFar)).containsExactly(1);

      Capture later = Capture.start(sim.network(), file("later"), OPTIONS.host("far").build());
      sim.release(near, far);
      assertThat(to.receive(ByteBuffer.allocate(9))).isEqualTo(from.getLocalAddress());
      to.send(ByteBuffer.allocate(4), from.getLocalAddress());
      assertThat(datagrams("later", later)).containsExactly(3, 4);
    }
  }

  private List<Integer> datagrams(String host, Capture capture) throws IOException {
    capture.close();
    return PcapngFile.read(file(host)).packets().stream()
        .filter(CapturedPacket::isDatagram)
        .map(CapturedPacket::payloadBytes)
        .toList();
  }

  @Test
  void othersAndTheLoopbackAreNotSeen() throws Exception {
    RingHost third = sim.host("third");
    try (Capture atThird = capture("third");
        ServerSocketChannel listener = third.provider().openServerSocketChannel();
        SocketChannel own = third.provider().openSocketChannel()) {
      listener.bind(new InetSocketAddress(third.address(), 80));
      own.connect(listener.getLocalAddress());
      write(client, 5);
      assertThat(read(server)).isEqualTo(5);
      assertThat(atThird.isRunning()).isTrue();
    }
    assertThat(PcapngFile.read(file("third")).packets())
        .isNotEmpty()
        .allMatch(packet -> packet.from().getAddress().equals(packet.to().getAddress()));
    assertThat(there(end(atNear, "near")).bytes()).hasSize(5);
  }

  @Test
  void aNetworkWithoutHostsHasNone() {
    try (RingNetwork plain = RingNetwork.open()) {
      assertThatThrownBy(() -> Capture.start(plain, file("x"), OPTIONS.host("near").build()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("host is near, but the network is not simulated");
    }
    assertThat(file("x")).doesNotExist();
  }
}
