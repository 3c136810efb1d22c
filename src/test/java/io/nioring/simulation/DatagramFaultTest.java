package io.nioring.simulation;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofNanos;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import io.nioring.testkit.ThreadKind;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Datagrams of hosts: whose addresses they bear, and what faults do to them, in virtual time. */
@Timeout(180)
class DatagramFaultTest {
  private static final int PORT = 53;

  private Simulation sim;
  private RingHost client;
  private RingHost dns;
  private SimDatagrams pair;

  @BeforeEach
  void open() throws IOException {
    sim =
        Simulation.open(
            SimulationConfig.builder().seed(7).virtualTime(true).advanceWhenIdle(false).build());
    client = sim.host("client");
    dns = sim.host("dns");
    pair = SimDatagrams.open(client, dns, PORT);
  }

  @AfterEach
  void close() throws IOException {
    pair.close();
    assertThat(sim.pendingEvents()).isZero();
    assertThat(sim.network().statistics().openChannels()).isZero();
    sim.close();
  }

  private Link link() {
    return sim.link(client, dns);
  }

  private DatagramChannel connected() throws IOException {
    return pair.client().connect(pair.server().getLocalAddress());
  }

  // -- addresses

  @Test
  void eachHostHasItsOwnPorts() throws Exception {
    try (DatagramChannel other = client.provider().openDatagramChannel()) {
      other.bind(new InetSocketAddress(PORT)); // as the server's, on another host
      other.send(US_ASCII.encode("hello"), new InetSocketAddress(dns.address(), PORT));
      ByteBuffer buffer = ByteBuffer.allocate(10);
      assertThat(pair.server().receive(buffer))
          .isEqualTo(new InetSocketAddress(client.address(), PORT));
    }
  }

  @Test
  void anAddressOfAnotherHostCannotBeBound() throws Exception {
    try (DatagramChannel channel = client.provider().openDatagramChannel()) {
      assertThatThrownBy(() -> channel.bind(new InetSocketAddress(dns.address(), 99)))
          .isInstanceOf(BindException.class)
          .hasMessage("Cannot assign requested address");
    }
  }

  @Test
  void aWildcardStandsForTheHostsAddressesAlone() throws Exception {
    try (DatagramChannel here = client.provider().openDatagramChannel();
        DatagramChannel there = dns.provider().openDatagramChannel()) {
      here.configureBlocking(false);
      there.configureBlocking(false);
      here.bind(new InetSocketAddress(99));
      there.bind(new InetSocketAddress(99));
      pair.client().send(US_ASCII.encode("x"), new InetSocketAddress(dns.address(), 99));
      assertThat(SimDatagrams.received(there)).containsExactly("x");
      assertThat(SimDatagrams.received(here)).isEmpty();
    }
  }

  @Test
  void connectTellsTheHostsAddress() throws Exception {
    try (DatagramChannel channel = client.provider().openDatagramChannel()) {
      channel.connect(pair.server().getLocalAddress());
      assertThat(((InetSocketAddress) channel.getLocalAddress()).getAddress())
          .isEqualTo(client.address());
      channel.write(US_ASCII.encode("question"));
      ByteBuffer buffer = ByteBuffer.allocate(10);
      pair.server().send(US_ASCII.encode("answer"), pair.server().receive(buffer));
      assertThat(channel.read(buffer.clear())).isEqualTo(6);
    }
  }

  @Test
  void theCommonLoopbackIsAnsweredToo() throws Exception {
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    try (DatagramChannel local = dns.provider().openDatagramChannel();
        DatagramChannel asking = client.provider().openDatagramChannel()) {
      local.bind(new InetSocketAddress(loopback, 99));
      asking.send(US_ASCII.encode("x"), local.getLocalAddress());
      ByteBuffer buffer = ByteBuffer.allocate(10);
      local.send(US_ASCII.encode("y"), local.receive(buffer));
      assertThat(asking.receive(buffer)).isEqualTo(local.getLocalAddress());
    }
  }

  @Test
  void anIsolatedLoopbackIsEachHostsOwn() throws Exception {
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    try (Simulation isolated =
        Simulation.open(SimulationConfig.builder().isolatedLoopback(true).build())) {
      RingHost a = isolated.host("a");
      DatagramChannel mine = a.provider().openDatagramChannel();
      DatagramChannel other = isolated.host("b").provider().openDatagramChannel();
      mine.bind(new InetSocketAddress(loopback, 99)).configureBlocking(false);
      other.bind(new InetSocketAddress(loopback, 99)).configureBlocking(false);
      other.send(US_ASCII.encode("x"), new InetSocketAddress(loopback, 99));
      assertThat(SimDatagrams.received(mine)).isEmpty();
      assertThat(SimDatagrams.received(other)).containsExactly("x");
    }
  }

  // -- what links do

  @Test
  void aDatagramArrivesAfterTheLatency() throws Exception {
    link().latency(ofMillis(10));
    pair.ask("one");
    sim.advance(ofMillis(10).minusNanos(1));
    assertThat(pair.questions()).isEmpty();
    sim.advance(ofNanos(1));
    assertThat(pair.questions()).containsExactly("one");
    pair.answer("two");
    sim.advance(ofMillis(10));
    assertThat(pair.answers()).containsExactly("two");
  }

  @Test
  void aSelectorIsWokenWhenADatagramArrives() throws Exception {
    link().latency(ofMillis(10));
    try (Selector selector = dns.provider().openSelector()) {
      SelectionKey key = pair.server().register(selector, SelectionKey.OP_READ);
      pair.ask("one");
      assertThat(selector.selectNow()).isZero();
      Background<Integer> select = Background.run(ThreadKind.PLATFORM, () -> selector.select());
      select.awaitBlockedIn("select");
      sim.advance(ofMillis(10));
      assertThat(select.result()).isOne();
      assertThat(key.isReadable()).isTrue();
    }
  }

  @Test
  void randomLatenciesLetDatagramsOvertakeOneAnother() throws Exception {
    link().latency(Latency.uniform(ofMillis(1), ofMillis(100)));
    for (int i = 0; i < 20; i++) {
      pair.ask("" + (char) ('a' + i));
    }
    sim.advance(ofMillis(100));
    List<String> questions = pair.questions();
    assertThat(questions).hasSize(20).isNotEqualTo(questions.stream().sorted().toList());
  }

  @Test
  void lostDatagramsDoNotArrive() throws Exception {
    link().loss(0.5);
    for (int i = 0; i < 200; i++) {
      pair.ask("x");
    }
    assertThat(pair.questions()).hasSizeBetween(60, 140);
    sim.advance(ofSeconds(10));
    assertThat(pair.questions()).as("nothing is sent again").isEmpty();
    assertThat(sim.trace().size()).isEqualTo(200);
  }

  @Test
  void someArriveTwice() throws Exception {
    link().duplication(0.5).latency(ofMillis(1));
    for (int i = 0; i < 200; i++) {
      pair.ask("x");
    }
    sim.advance(ofMillis(1));
    assertThat(pair.questions()).hasSizeBetween(260, 340);
    link().duplication(1);
    pair.ask("y");
    sim.advance(ofMillis(1));
    assertThat(pair.questions()).containsExactly("y", "y");
  }

  @Test
  void someAreOvertaken() throws Exception {
    link().reordering(1, ofMillis(5));
    pair.ask("late");
    link().reordering(0, ofMillis(5));
    pair.ask("early");
    sim.advance(ofMillis(5));
    assertThat(pair.questions()).containsExactly("early", "late");
  }

  @Test
  void bandwidthLetsThemArriveOneByOneAndLosesWhatFindsTheQueueFull() throws Exception {
    link().bandwidth(Bandwidth.bytesPerSecond(1_000));
    for (int i = 0; i < 3; i++) {
      pair.ask("x".repeat(100));
    }
    sim.advance(ofMillis(100));
    assertThat(pair.questions()).hasSize(1);
    sim.advance(ofMillis(200));
    assertThat(pair.questions()).hasSize(2);
    for (int i = 0; i < 1_500; i++) {
      pair.ask("x".repeat(100));
    }
    int arrived = 0;
    for (int i = 0; i < 200; i++) {
      sim.advance(ofSeconds(1));
      arrived += pair.questions().size();
    }
    assertThat(arrived).isEqualTo(1_000);
  }

  @Test
  void heldDatagramsAreSeenAndLetPassOneByOne() throws Exception {
    link().hold();
    pair.ask("one");
    pair.ask("two");
    pair.ask("three");
    assertThat(pair.questions()).isEmpty();
    assertThat(link().inFlight()).extracting(InFlight::bytes).containsExactly(3L, 3L, 5L);
    assertThat(link().inFlight().get(0).toward()).isSameAs(dns);
    assertThat(link().deliver(4)).isEqualTo(3);
    assertThat(pair.questions()).containsExactly("one");
    link().release();
    assertThat(pair.questions()).containsExactly("two", "three");
  }

  @Test
  void aPartitionLosesWhatIsSentAndWhatIsOnItsWay() throws Exception {
    link().latency(ofMillis(10));
    pair.ask("on its way");
    sim.advance(ofMillis(5));
    try (Fault cut = sim.partition(client, dns)) {
      pair.ask("sent");
      pair.answer("sent");
      sim.advance(ofMillis(20));
      assertThat(cut.isActive()).isTrue();
    }
    sim.advance(ofSeconds(1));
    assertThat(pair.questions()).isEmpty();
    assertThat(pair.answers()).isEmpty();
    pair.ask("healed");
    sim.advance(ofMillis(10));
    assertThat(pair.questions()).containsExactly("healed");
  }

  @Test
  void aPartitionOneWayLetsTheOtherWayPass() throws Exception {
    try (Fault cut = sim.partitionOneWay(client, dns)) {
      pair.ask("question");
      pair.answer("answer");
      assertThat(pair.questions()).isEmpty();
      assertThat(pair.answers()).containsExactly("answer");
      assertThat(cut.isActive()).isTrue();
    }
  }

  @Test
  void aRejectingCutTellsConnectedSenders() throws Exception {
    link().latency(ofMillis(10));
    DatagramChannel channel = connected();
    try (Fault cut = sim.reject(client, dns)) {
      channel.write(US_ASCII.encode("x"));
      assertThat(channel.read(ByteBuffer.allocate(1))).isZero();
      sim.advance(ofMillis(20));
      assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1)))
          .isInstanceOf(PortUnreachableException.class);
      assertThat(channel.read(ByteBuffer.allocate(1))).isZero();
      assertThat(cut.isActive()).isTrue();
    }
  }

  @Test
  void whoFindsNobodyIsToldAfterTheWayThereAndBack() throws Exception {
    link().latency(ofMillis(10));
    DatagramChannel channel = connected();
    pair.server().close();
    try (Selector selector = client.provider().openSelector()) {
      channel.register(selector, SelectionKey.OP_READ);
      channel.write(US_ASCII.encode("x"));
      sim.advance(ofMillis(20).minusNanos(1));
      assertThat(selector.selectNow()).isZero();
      sim.advance(ofNanos(1));
      assertThat(selector.selectNow()).isOne();
      assertThatThrownBy(() -> channel.write(US_ASCII.encode("x")))
          .isInstanceOf(PortUnreachableException.class);
    }
  }

  @Test
  void anAnswerThatComesTooLateForTheConnectionIsNotTold() throws Exception {
    link().latency(ofMillis(10));
    DatagramChannel channel = connected();
    pair.server().close();
    channel.write(US_ASCII.encode("x"));
    channel.disconnect();
    sim.advance(ofMillis(20));
    assertThat(channel.receive(ByteBuffer.allocate(1))).isNull();
  }

  // -- what happens to hosts

  @Test
  void aPausedHostGetsItsDatagramsLater() throws Exception {
    dns.pause();
    pair.ask("one");
    pair.answer("from the host");
    assertThat(pair.questions()).isEmpty();
    assertThat(pair.answers()).isEmpty();
    dns.resume();
    assertThat(pair.questions()).containsExactly("one");
    assertThat(pair.answers()).containsExactly("from the host");
  }

  @Test
  void aKilledHostsPortsAreUnreachable() throws Exception {
    DatagramChannel channel = connected();
    dns.kill();
    assertThat(pair.server().isOpen()).isFalse();
    channel.write(US_ASCII.encode("x"));
    assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1)))
        .isInstanceOf(PortUnreachableException.class);
    try (DatagramChannel again = SimDatagrams.at(dns, PORT)) {
      channel.write(US_ASCII.encode("again"));
      assertThat(SimDatagrams.received(again)).containsExactly("again");
    }
  }

  @Test
  void aCrashedHostIsSilentUntilItIsRestarted() throws Exception {
    DatagramChannel channel = connected();
    dns.crash();
    channel.write(US_ASCII.encode("x"));
    sim.advance(ofSeconds(1));
    assertThat(channel.read(ByteBuffer.allocate(1))).isZero();
    dns.restart();
    channel.write(US_ASCII.encode("x"));
    assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1)))
        .isInstanceOf(PortUnreachableException.class);
  }

  @Test
  void isolateAndBridgeCutDatagramsToo() throws Exception {
    RingHost bridge = sim.host("bridge");
    try (SimDatagrams over = SimDatagrams.open(client, bridge, PORT);
        Fault cut = sim.bridge(bridge, List.of(client), List.of(dns))) {
      pair.ask("x");
      over.ask("y");
      assertThat(pair.questions()).isEmpty();
      assertThat(over.questions()).containsExactly("y");
      assertThat(cut.isActive()).isTrue();
    }
    try (Fault cut = sim.isolate(dns)) {
      pair.ask("x");
      assertThat(pair.questions()).isEmpty();
      assertThat(cut.isActive()).isTrue();
    }
  }

  // -- chosen faults

  @Test
  void theFirstTwoQueriesAreLost() throws Exception {
    sim.faults().to(dns, PORT).first(2).blackHole().install();
    for (String each : new String[] {"one", "two", "three"}) {
      pair.ask(each);
    }
    pair.answer("answer");
    assertThat(pair.questions()).containsExactly("three");
    assertThat(pair.answers()).containsExactly("answer");
  }

  @Test
  void answersAloneAreLost() throws Exception {
    sim.faults().datagrams().to(dns, PORT).downstream().blackHole().install();
    pair.ask("question");
    pair.answer("answer");
    assertThat(pair.questions()).containsExactly("question");
    assertThat(pair.answers()).isEmpty();
  }

  @Test
  void refusedIsPortUnreachable() throws Exception {
    DatagramChannel channel = connected();
    try (Fault refused = sim.faults().to(dns, PORT).refuse().install()) {
      channel.write(US_ASCII.encode("x"));
      assertThatThrownBy(() -> channel.write(US_ASCII.encode("x")))
          .isInstanceOf(PortUnreachableException.class);
      assertThat(refused.isActive()).isTrue();
    }
    channel.write(US_ASCII.encode("y"));
    assertThat(pair.questions()).containsExactly("y");
  }

  /** As the kernel's with a route of the kind "unreachable" (ip-route(8)). */
  @Test
  void withoutARouteSendAndConnectFail() throws Exception {
    ByteBuffer bytes = US_ASCII.encode("x");
    try (Fault fault = sim.faults().datagrams().to(dns).unreachable().install()) {
      assertThatThrownBy(() -> pair.client().send(bytes, pair.server().getLocalAddress()))
          .isExactlyInstanceOf(NoRouteToHostException.class)
          .hasMessage("No route to host");
      assertThat(bytes.remaining()).isOne();
      assertThatThrownBy(this::connected).isExactlyInstanceOf(NoRouteToHostException.class);
      assertThat(pair.client().isConnected()).isFalse();
      assertThat(fault.isActive()).isTrue();
    }
    pair.ask("y");
    assertThat(pair.questions()).containsExactly("y");
  }

  @Test
  void aChosenLatencyAndDuplicationComeOnTop() throws Exception {
    link().latency(ofMillis(1));
    sim.faults()
        .from(client)
        .port(PORT)
        .upstream()
        .latency(Latency.constant(ofMillis(2)))
        .duplication(1)
        .reordering(1, ofMillis(4))
        .install();
    pair.ask("x");
    sim.advance(ofMillis(3));
    assertThat(pair.questions()).as("the copy").containsExactly("x");
    sim.advance(ofMillis(4));
    assertThat(pair.questions()).as("the late one").containsExactly("x");
  }

  @Test
  void faultsAsTextTellStreamsFromDatagrams() throws Exception {
    sim.install("tcp:*:53: blackHole; udp:*:53: duplication 1, reordering 0.5 2ms");
    pair.ask("x");
    sim.advance(ofMillis(2));
    assertThat(pair.questions()).containsExactly("x", "x");
    sim.heal();
    sim.install("udp:10.0.0.2:*: halfOpen");
    pair.ask("x");
    pair.answer("x");
    assertThat(pair.questions()).isEmpty();
    assertThat(pair.answers()).isEmpty();
    sim.heal();
    sim.faults().streams().blackHole().install();
    pair.ask("y");
    assertThat(pair.questions()).containsExactly("y");
  }

  // -- many receivers

  private DatagramChannel member(RingHost host, InetAddress group) throws IOException {
    DatagramChannel member = host.provider().openDatagramChannel(StandardProtocolFamily.INET);
    member.configureBlocking(false);
    member.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    member.bind(new InetSocketAddress(5_000));
    member.join(group, NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress()));
    return member;
  }

  @Test
  void aGroupReachesItsMembersOnAllHostsByTheWayToEach() throws Exception {
    InetAddress group = InetAddress.getByAddress(new byte[] {(byte) 239, 1, 2, 3});
    RingHost third = sim.host("third");
    try (DatagramChannel here = member(client, group);
        DatagramChannel far = member(dns, group);
        DatagramChannel cutOff = member(third, group);
        Fault cut = sim.partitionOneWay(client, third)) {
      link().latency(ofMillis(10));
      here.send(US_ASCII.encode("x"), new InetSocketAddress(group, 5_000));
      assertThat(SimDatagrams.received(here)).containsExactly("x");
      assertThat(SimDatagrams.received(far)).isEmpty();
      sim.advance(ofMillis(10));
      ByteBuffer buffer = ByteBuffer.allocate(10);
      InetSocketAddress source = (InetSocketAddress) far.receive(buffer);
      assertThat(source).isEqualTo(new InetSocketAddress(client.address(), 5_000));
      assertThat(SimDatagrams.received(cutOff)).isEmpty();
      far.send(US_ASCII.encode("answer"), source);
      here.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, false);
      here.send(US_ASCII.encode("to others"), new InetSocketAddress(group, 5_000));
      sim.advance(ofMillis(10));
      assertThat(SimDatagrams.received(here)).containsExactly("answer");
      assertThat(SimDatagrams.received(far)).containsExactly("to others");
      assertThat(cut.isActive()).isTrue();
    }
  }

  @Test
  void aBroadcastReachesAllHosts() throws Exception {
    try (DatagramChannel listening = dns.provider().openDatagramChannel()) {
      listening.configureBlocking(false);
      listening.bind(new InetSocketAddress(67));
      pair.client().setOption(StandardSocketOptions.SO_BROADCAST, true);
      pair.client().send(US_ASCII.encode("x"), new InetSocketAddress("255.255.255.255", 67));
      assertThat(SimDatagrams.received(listening)).containsExactly("x");
    }
  }

  // -- sockets and time

  @Test
  void socketsOfChannelsTimeOutInVirtualTime() throws Exception {
    try (Simulation jumping =
            Simulation.open(SimulationConfig.builder().virtualTime(true).build());
        DatagramSocket socket =
            jumping.host("a").provider().openDatagramChannel().bind(null).socket()) {
      socket.setSoTimeout(3_600_000);
      assertThatThrownBy(
              () ->
                  jumping
                      .host("a")
                      .call(
                          () -> {
                            socket.receive(new DatagramPacket(new byte[1], 1));
                            return null;
                          }))
          .isInstanceOf(SocketTimeoutException.class);
      assertThat(jumping.elapsed()).isEqualTo(ofHours(1));
    }
  }

  /** Repeated: a jump must not overtake what the event before it has begun. */
  @RepeatedTest(20)
  void virtualTimeJumpsFromDatagramToDatagram() throws Exception {
    try (Simulation jumping =
        Simulation.open(SimulationConfig.builder().virtualTime(true).build())) {
      RingHost a = jumping.host("a");
      RingHost b = jumping.host("b");
      jumping.link(a, b).latency(ofSeconds(60));
      DatagramChannel server = b.provider().openDatagramChannel();
      server.bind(new InetSocketAddress(b.address(), PORT));
      Background<Integer> echo =
          Background.run(
              ThreadKind.PLATFORM,
              () ->
                  b.call(
                      () -> {
                        ByteBuffer bytes = ByteBuffer.allocate(10);
                        for (int i = 0; i < 15; i++) {
                          var source = server.receive(bytes.clear());
                          server.send(bytes.flip(), source);
                        }
                        return 15;
                      }));
      int answers =
          a.call(
              () -> {
                DatagramChannel channel = a.provider().openDatagramChannel();
                channel.connect(server.getLocalAddress());
                int sum = 0;
                for (int i = 0; i < 15; i++) {
                  channel.write(ByteBuffer.wrap(new byte[1]));
                  sum += channel.read(ByteBuffer.allocate(10));
                }
                return sum;
              });
      assertThat(answers).isEqualTo(15);
      assertThat(echo.result()).isEqualTo(15);
      assertThat(jumping.elapsed()).isEqualTo(ofMinutes(30));
    }
  }
}
