package io.nioring.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.simulation.Simulation;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import javax.management.MBeanInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.RuntimeMBeanException;
import javax.management.openmbean.CompositeData;
import jdk.jfr.Recording;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The network's MBean, asked as a client does that has none of our classes. */
class NetworkMXBeanTest {
  private static final MBeanServer BEANS = ManagementFactory.getPlatformMBeanServer();

  private RingNetwork network;
  private ObjectName name;
  private SocketChannel client;
  private SocketChannel server;

  @BeforeEach
  void connect() throws Exception {
    Set<ObjectName> before = names();
    network = RingNetwork.open(RingNetworkConfig.builder().jmx(true).build());
    Set<ObjectName> after = names();
    after.removeAll(before);
    assertThat(after).hasSize(1);
    name = after.iterator().next();
    ServerSocketChannel listener = network.provider().openServerSocketChannel();
    listener.bind(new InetSocketAddress("10.0.0.7", 5432));
    client = network.provider().openSocketChannel();
    client.connect(listener.getLocalAddress());
    server = listener.accept();
  }

  private static Set<ObjectName> names() throws Exception {
    return BEANS.queryNames(new ObjectName("io.nioring:type=RingNetwork,*"), null);
  }

  @AfterEach
  void close() {
    network.close();
  }

  @Test
  void figuresAndRowsAreOfOpenTypes() throws Exception {
    client.write(ByteBuffer.allocate(5));
    assertThat(BEANS.getAttribute(name, "RingConnections")).isEqualTo(1L);
    assertThat(BEANS.getAttribute(name, "Mode")).isEqualTo("ring");
    CompositeData[] rows = (CompositeData[]) BEANS.getAttribute(name, "Connections");
    assertThat(rows).hasSize(2);
    CompositeData row = rows[0].get("end").equals("server") ? rows[0] : rows[1];
    assertThat(row.get("recvQ")).isEqualTo(5L);
    assertThat(row.get("state")).isEqualTo("ESTAB");
    assertThat(row.get("local")).isEqualTo("10.0.0.7:5432");
    assertThat((CompositeData[]) BEANS.getAttribute(name, "Listeners")).hasSize(1);
  }

  private Object call(String operation, Object argument, Class<?> type) throws Exception {
    return BEANS.invoke(name, operation, new Object[] {argument}, new String[] {type.getName()});
  }

  @Test
  void connectionsAreChosenByFilter() throws Exception {
    CompositeData[] rows = (CompositeData[]) call("connections", "dport = :5432", String.class);
    assertThat(rows)
        .singleElement()
        .satisfies(row -> assertThat(row.get("end")).isEqualTo("client"));
  }

  @Test
  void whatIsNotKnownIsNull() throws Exception {
    CompositeData row = ((CompositeData[]) BEANS.getAttribute(name, "Listeners"))[0];
    assertThat(row.getCompositeType().keySet().stream().filter(item -> row.get(item) == null))
        .containsExactlyInAnyOrder(
            "connection",
            "fault",
            "interest",
            "lastReceiveMillis",
            "lastSendMillis",
            "localHost",
            "openedAt",
            "openedBy",
            "peerHost",
            "ready",
            "selector",
            "simulatedConnect",
            "waitingFor",
            "waitingMillis",
            "waitingThread");
  }

  @Test
  void ssWritesTheTable() throws Exception {
    client.write(ByteBuffer.allocate(2048));
    String text = (String) call("ss", "-tie state established dport = :5432", String.class);
    assertThat(text.lines().toList())
        .hasSize(3)
        .satisfies(
            lines -> {
              assertThat(lines.get(0)).startsWith("STATE  RECV-Q  SEND-Q  LOCAL");
              assertThat(lines.get(1))
                  .startsWith("ESTAB       0    2048  10.0.0.")
                  .contains(" ring ");
              assertThat(lines.get(2)).contains("sent:2.0k rcvd:0 cap:1048576 mem:");
            });
    assertThat((String) call("ss", "-l", String.class)).contains("LISTEN").doesNotContain("ESTAB");
  }

  @Test
  void closeResetsBothEnds() throws Exception {
    CompositeData[] rows = (CompositeData[]) BEANS.getAttribute(name, "Connections");
    long number = (long) rows[0].get("connection");
    assertThat(call("close", number, long.class)).isEqualTo(true);
    for (SocketChannel end : new SocketChannel[] {client, server}) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> end.read(ByteBuffer.allocate(1)))
          .withMessage("Connection reset");
    }
    assertThat(call("close", number, long.class)).as("once more").isEqualTo(false);
    assertThat(call("close", 1L << 40, long.class)).isEqualTo(false);
  }

  @Test
  void closedNetworkIsUnregistered() throws Exception {
    network.close();
    assertThat(BEANS.isRegistered(name)).isFalse();
  }

  @Test
  void networkIsNotRegisteredUnasked() throws Exception {
    Set<ObjectName> before = names();
    try (RingNetwork other = RingNetwork.open()) {
      assertThat(names()).isEqualTo(before);
      other.registerMXBean();
      other.registerMXBean();
      assertThat(names()).hasSize(before.size() + 1);
    }
    assertThat(names()).isEqualTo(before);
  }

  @Test
  void aNetworkThatWasClosedIsNotRegistered() throws Exception {
    Set<ObjectName> before = names();
    RingNetwork other = RingNetwork.open();
    other.close();

    assertThatIllegalStateException()
        .isThrownBy(other::registerMXBean)
        .withMessage("the network was closed");
    assertThat(names()).isEqualTo(before);
  }

  /** A client may ask for one at the moment when the network closes. */
  @Test
  void noCaptureBeginsOnceTheNetworkIsClosed(@TempDir Path folder) throws Exception {
    ManagedCaptures captures = new ManagedCaptures(network);
    network.close();

    assertThatIllegalStateException()
        .isThrownBy(() -> captures.start(folder.resolve("late.pcapng").toString()))
        .withMessage("the network was closed");
    assertThat(captures.list()).isEmpty();
    assertThat(Capture.of(NetworkInternals.of(network))).isEmpty();
  }

  @Test
  void capturesAreStartedAndStopped(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("a.pcapng");
    long capture = (long) call("startCapture", file + ",port 5432", String.class);
    assertThat((String[]) BEANS.getAttribute(name, "Captures"))
        .singleElement()
        .asString()
        .startsWith(capture + " Capture[" + file);
    client.write(ByteBuffer.allocate(5));
    assertThat(call("stopCapture", capture, long.class)).asString().contains("packets=1");
    assertThat((String[]) BEANS.getAttribute(name, "Captures")).isEmpty();
    assertThat(call("stopCapture", capture, long.class)).isEqualTo("");
    assertThat(PcapngFile.read(file).payloadBytes()).isEqualTo(5);
  }

  @Test
  void theNetworksCloseEndsCaptures(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("a.pcapng");
    call("startCapture", file.toString(), String.class);
    client.write(ByteBuffer.allocate(5));

    network.close();
    PcapngFile captured = PcapngFile.read(file);
    assertThat(captured.payloadBytes()).isEqualTo(5);
    assertThat(captured.received()).isEqualTo(captured.packets().size());
  }

  @Test
  void capturesAreCountedHoweverTheyWereStarted(@TempDir Path folder) throws Exception {
    assertThat(BEANS.getAttribute(name, "CapturesRunning")).isEqualTo(0);
    try (Capture capture = Capture.start(network, folder.resolve("b.pcapng"))) {
      client.write(ByteBuffer.allocate(5));
      await().until(() -> capture.packets() == 1);
      assertThat(BEANS.getAttribute(name, "CapturesRunning")).isEqualTo(1);
      assertThat(BEANS.getAttribute(name, "CapturedPackets")).isEqualTo(1L);
      assertThat(BEANS.getAttribute(name, "CapturedBytes")).isEqualTo(45L);
      assertThat(BEANS.getAttribute(name, "CaptureDropped")).isEqualTo(0L);
      assertThat(BEANS.getAttribute(name, "JfrActive")).isEqualTo(false);
    }
    assertThat(BEANS.getAttribute(name, "CapturesRunning")).isEqualTo(0);
  }

  @Test
  void recorderThatListensIsTold() throws Exception {
    try (Recording recording = new Recording()) {
      recording.enable("nioring.Connect");
      recording.start();
      await().until(() -> BEANS.getAttribute(name, "JfrActive").equals(true));
    }
    await().until(() -> BEANS.getAttribute(name, "JfrActive").equals(false));
  }

  @Test
  void stacksAndTimesAreRecordedOnRequest() throws Exception {
    call("recordStacks", true, boolean.class);
    call("recordTimes", true, boolean.class);
    client.write(ByteBuffer.allocate(5));
    SocketChannel late = network.provider().openSocketChannel();
    assertThat(late.isOpen()).isTrue();
    CompositeData[] rows = (CompositeData[]) BEANS.getAttribute(name, "Connections");
    assertThat(rows)
        .anySatisfy(row -> assertThat((Long) row.get("lastSendMillis")).isNotNegative())
        .anySatisfy(row -> assertThat((String) row.get("openedAt")).contains("NetworkMXBeanTest"))
        .anySatisfy(row -> assertThat((long) row.get("opened")).isPositive());
  }

  @Test
  void networkWithoutASimulationHasNoFaults() throws Exception {
    assertThat((String[]) BEANS.getAttribute(name, "Faults")).isEmpty();
    assertThat((String[]) BEANS.getAttribute(name, "Hosts")).isEmpty();
    assertThat(BEANS.getAttribute(name, "Simulated")).isEqualTo(false);
    assertThat(call("removeFault", 1L, long.class)).isEqualTo(false);
    assertThatExceptionOfType(RuntimeMBeanException.class)
        .isThrownBy(() -> call("addFaults", "tcp:*:80: down", String.class))
        .withCauseInstanceOf(IllegalStateException.class)
        .havingCause()
        .withMessageContaining("-Dnioring.faults=");
  }

  private static void connectInVain(Simulation sim, InetSocketAddress to) {
    assertThatThrownBy(() -> sim.network().provider().openSocketChannel().connect(to))
        .isInstanceOf(IOException.class);
  }

  /** What JConsole, JMC and VisualVM show beside the fields that are to be filled in. */
  @Test
  void eachAttributeOperationAndParameterIsDescribed() throws Exception {
    MBeanInfo info = BEANS.getMBeanInfo(name);
    assertThat(info.getAttributes())
        .isNotEmpty()
        .noneMatch(each -> each.getDescription().isEmpty())
        .noneMatch(each -> each.getDescription().startsWith("Attribute exposed"));
    assertThat(info.getOperations())
        .hasSize(10)
        .noneMatch(each -> each.getDescription().startsWith("Operation exposed"))
        .flatExtracting(each -> List.of(each.getSignature()))
        .noneMatch(each -> each.getName().matches("p\\d|"))
        .noneMatch(each -> each.getDescription().isEmpty());
  }

  @Test
  void faultsOfASimulationAreAddedListedAndTakenBack() throws Exception {
    try (Simulation sim = Simulation.open()) {
      sim.host("db");
      Set<ObjectName> before = names();
      sim.network().registerMXBean();
      Set<ObjectName> after = names();
      after.removeAll(before);
      name = after.iterator().next();
      assertThat((String[]) BEANS.getAttribute(name, "Hosts"))
          .hasSize(2)
          .anyMatch(host -> host.startsWith("db"));
      String text = "tcp:10.0.0.1:5432: latency 20ms; tcp:*:80: down";
      Long[] added = (Long[]) call("addFaults", text, String.class);
      assertThat((String[]) BEANS.getAttribute(name, "Faults"))
          .containsExactly(
              added[0] + " tcp:10.0.0.1:5432: latency 20ms (fired 0 times)",
              added[1] + " tcp:*:80: down (fired 0 times)");
      assertThat(BEANS.getAttribute(name, "Simulated")).isEqualTo(true);
      sim.host("db").run(() -> connectInVain(sim, new InetSocketAddress("10.0.0.9", 80)));
      assertThat((String[]) BEANS.getAttribute(name, "Faults"))
          .contains(added[1] + " tcp:*:80: down (fired 1 time)");
      assertThat(call("removeFault", added[0], long.class)).isEqualTo(true);
      assertThat(call("removeFault", added[0], long.class)).isEqualTo(false);
      assertThat(BEANS.invoke(name, "clearFaults", null, null)).isEqualTo(1);
      assertThat((String[]) BEANS.getAttribute(name, "Faults")).isEmpty();
    }
  }
}
