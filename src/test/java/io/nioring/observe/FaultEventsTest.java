package io.nioring.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nioring.SocketEntry;
import io.nioring.simulation.Fault;
import io.nioring.simulation.RingHost;
import io.nioring.simulation.Simulation;
import io.nioring.simulation.SimulationConfig;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is told of the faults of a simulation: by events, in the table, in a capture. */
@Timeout(180)
class FaultEventsTest {
  @TempDir Path directory;

  private final Recording recording = new Recording();
  private Simulation sim;
  private RingHost near;
  private RingHost far;

  @BeforeEach
  void open() {
    recording.enable("nioring.Fault");
    recording.start();
    sim = Simulation.open(SimulationConfig.builder().seed(42).build());
    near = sim.host("near");
    far = sim.host("far");
  }

  @AfterEach
  void close() {
    sim.close();
    recording.close();
  }

  private List<RecordedEvent> events() throws IOException {
    recording.stop();
    Path file = Files.createTempFile(directory, "recording", ".jfr");
    recording.dump(file);
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().equals("nioring.Fault"))
        .toList();
  }

  private static SocketChannel connect(RingHost from, ServerSocketChannel to) throws IOException {
    SocketChannel client = from.provider().openSocketChannel();
    client.connect(to.getLocalAddress());
    return client;
  }

  private ServerSocketChannel listen() throws IOException {
    ServerSocketChannel listener = far.provider().openServerSocketChannel();
    return listener.bind(new InetSocketAddress(far.address(), 80));
  }

  @Test
  void eachFaultIsAnEventWithItsSeed() throws Exception {
    try (Fault cut = sim.partition(near, far)) {
      assertThat(cut.isActive()).isTrue();
    }
    sim.faults().to(far, 80).connection(1).refuse().install();
    sim.faults().to(far, 80).connection(2).resetAfterBytes(3).install();
    ServerSocketChannel listener = listen();
    assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> connect(near, listener));
    SocketChannel client = connect(near, listener);
    SocketChannel server = listener.accept();
    long number =
        sim.network().sockets().stream().mapToLong(SocketEntry::connection).max().orElse(0);
    server.write(ByteBuffer.allocate(9));
    assertThat(client.read(ByteBuffer.allocate(9))).isEqualTo(3);
    far.crash();
    far.restart();
    List<RecordedEvent> events = events();
    assertThat(events)
        .extracting(event -> event.getString("fault"))
        .containsExactlyInAnyOrder(
            "partition near far",
            "healed: partition near far",
            "to far, port 80, connection 1, refuse",
            "to far, port 80, connection 2, resetAfterBytes 3",
            "refuse near far:80",
            "reset",
            "crash far",
            "restart far");
    assertThat(events).allSatisfy(event -> assertThat(event.getLong("seed")).isEqualTo(42));
    assertThat(events)
        .filteredOn(event -> event.getString("fault").equals("reset"))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.getLong("connection")).isEqualTo(number).isPositive();
              assertThat(event.getString("simulatedConnect")).isEqualTo("near->far:80#2");
              assertThat(event.getLong("offset")).isEqualTo(3);
            });
  }

  @Test
  void whatHasEndedAlreadyIsNotToldAgain() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel client = connect(near, listener);
    sim.link(near, far).reset();
    sim.link(near, far).reset();
    far.crash();
    far.crash();
    far.restart();
    far.restart();
    assertThat(client.isOpen()).isTrue();
    assertThat(events())
        .extracting(event -> event.getString("fault"))
        .containsExactly("reset", "crash far", "restart far");
  }

  @Test
  void tableShowsTheFaultsOfAConnection() throws Exception {
    ServerSocketChannel listener = listen();
    SocketChannel client = connect(near, listener);
    assertThat(client.isConnected()).isTrue();
    assertThat(sim.network().sockets()).allSatisfy(row -> assertThat(row.faults()).isEmpty());
    Fault slow = sim.install("tcp:*:80: latency 20ms").get(0);
    Fault cut = sim.partitionOneWay(near, far);
    assertThat(sim.network().sockets())
        .filteredOn(row -> row.end().equals("client"))
        .singleElement()
        .satisfies(
            row ->
                assertThat(row.faults())
                    .isEqualTo("tcp:*:80: latency 20ms; partitionOneWay near far"));
    assertThat(SocketListing.parse("-i").format(sim.network().sockets()))
        .contains("fault:(tcp:*:80: latency 20ms; partitionOneWay near far)");
    slow.close();
    cut.close();
    assertThat(sim.network().sockets()).allSatisfy(row -> assertThat(row.faults()).isEmpty());
  }

  @Test
  void captureRemarksAFaultOfItsConnection() throws Exception {
    Path file = directory.resolve("a.pcapng");
    ServerSocketChannel listener = listen();
    try (Capture capture = Capture.start(sim.network(), file)) {
      SocketChannel client = connect(near, listener);
      SocketChannel server = listener.accept();
      sim.faults().to(far, 80).resetAfterBytes(3).install();
      server.write(ByteBuffer.allocate(9));
      assertThat(client.read(ByteBuffer.allocate(9))).isEqualTo(3);
      assertThat(capture.isRunning()).isTrue();
    }
    assertThat(PcapngFile.read(file).packets())
        .anySatisfy(packet -> assertThat(packet.comment()).contains("fault: reset"));
  }
}
