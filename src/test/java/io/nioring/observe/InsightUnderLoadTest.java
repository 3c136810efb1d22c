package io.nioring.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.simulation.Simulation;
import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import io.nioring.testkit.Rounds;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.RuntimeMBeanException;
import javax.management.openmbean.CompositeData;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Recordings, captures, the table, resets and faults that come and go beside traffic of all kinds,
 * until several threads close the network at the same time: no byte changes, nothing hangs, and
 * nothing is left.
 */
@Tag("stress")
@Timeout(600)
class InsightUnderLoadTest {
  private static final MBeanServer BEANS = ManagementFactory.getPlatformMBeanServer();

  private static final int SECONDS = Rounds.of("test.insight.seconds", 2, 300);
  private static final int CONNECTIONS = Rounds.of("test.insight.connections", 100, 2000);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final Deadline end = Deadline.after(Duration.ofSeconds(SECONDS));
  private final List<Background<?>> observers = new ArrayList<>();
  private final AtomicInteger captures = new AtomicInteger();
  private final AtomicInteger killed = new AtomicInteger();

  private final Set<Thread> capturingBefore = capturing();

  private volatile boolean closing;
  private RingNetwork network;
  private volatile ObjectName bean;

  @TempDir private Path folder;

  /** So that a first event, which starts the recorder, is not part of the time. */
  @BeforeEach
  void startRecorder() {
    FlightRecorder.getFlightRecorder();
  }

  @Test
  void aNetworkIsNotHarmed() throws Exception {
    Set<ObjectName> before = names();
    network = RingNetwork.open(RingNetworkConfig.builder().jmx(true).build());
    observe(before);

    closeFromSeveralThreads(network::close);

    assertThat(names()).isEqualTo(before);
  }

  @Test
  void aSimulatedNetworkIsNotHarmedEither() throws Exception {
    Set<ObjectName> before = names();
    try (Simulation sim = Simulation.open()) {
      network = sim.network();
      network.registerMXBean();
      observers.add(observer(this::addFaults));
      observe(before);

      closeFromSeveralThreads(network::close);
    }
    assertThat(names()).isEqualTo(before);
  }

  private static Set<ObjectName> names() throws JMException {
    return BEANS.queryNames(new ObjectName("io.nioring:type=RingNetwork,*"), null);
  }

  private LoadOfAllKinds load;

  private void observe(Set<ObjectName> before) throws Exception {
    Set<ObjectName> after = new HashSet<>(names());
    after.removeAll(before);
    bean = after.iterator().next();
    load = new LoadOfAllKinds(network, folder);
    load.start(CONNECTIONS);
    observers.add(observer(this::record));
    observers.add(observer(this::capture));
    observers.add(observer(this::captureByManagement));
    observers.add(observer(this::failToCapture));
    observers.add(observer(this::readTable));
    observers.add(observer(this::kill));
    observers.add(observer(this::recordMore));
    while (!end.passed()) {
      long moved = load.moved();
      Deadline.await(LONGEST, "bytes move", () -> load.moved() > moved);
      Thread.sleep(20);
    }
    Deadline.await(LONGEST, "a whole capture", () -> captures.get() > 0);
    Deadline.await(LONGEST, "a reset", () -> killed.get() > 0);
  }

  private void closeFromSeveralThreads(Runnable close) throws Exception {
    load.closing();
    closing = true;
    CountDownLatch together = new CountDownLatch(1);
    List<Background<?>> closers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      closers.add(
          Background.run(
              () -> {
                together.await();
                close.run();
                return null;
              }));
    }
    together.countDown();
    closers.forEach(each -> each.result(LONGEST));
    load.awaitEnd(LONGEST);
    observers.forEach(each -> each.result(LONGEST));
    Deadline.await(
        LONGEST, "no thread writes a capture", () -> capturing().equals(capturingBefore));
    Deadline.await(
        LONGEST, "memory is given back", () -> network.statistics().memoryInUseBytes() == 0);
    assertThat(network.sockets()).isEmpty();
  }

  /** The threads that write captures, of other tests too. */
  static Set<Thread> capturing() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(each -> each.getName().startsWith("nioring-capture"))
        .collect(Collectors.toSet());
  }

  // -- what looks on, again and again

  private Background<?> observer(Callable<?> body) {
    return Background.run(
        () -> {
          while (!closing) {
            try {
              body.call();
            } catch (IllegalStateException | JMException e) {
              if (!closing) {
                throw e;
              }
            }
          }
          return null;
        });
  }

  private Object call(String operation, Object argument, Class<?> type) throws JMException {
    try {
      String[] types = {type.getName()};
      return BEANS.invoke(bean, operation, new Object[] {argument}, types);
    } catch (RuntimeMBeanException e) {
      throw e.getTargetException();
    }
  }

  private Object record() throws Exception {
    try (Recording recording = new Recording()) {
      for (String name : List.of("SocketRead", "SocketWrite")) {
        recording.enable("jdk." + name).withThreshold(Duration.ofNanos(0));
      }
      for (String name : List.of("WriteBlocked", "ReadDelay", "Accept", "Connect", "Close")) {
        recording.enable("nioring." + name).withThreshold(Duration.ofMillis(1));
      }
      recording.setMaxSize(10_000_000);
      recording.start();
      Thread.sleep(150);
      recording.stop();
    }
    Thread.sleep(50);
    return null;
  }

  private Object capture() throws Exception {
    Path file = folder.resolve("c.pcapng");
    CaptureOptions options =
        CaptureOptions.builder().fileSizeBytes(200_000).files(3).queueBytes(1 << 18).build();
    try (Capture capture = Capture.start(network, file, options)) {
      Thread.sleep(100);
      assertThat(capture.failure()).isEmpty();
    }
    try (var all = Files.newDirectoryStream(folder, "c-*.pcapng")) {
      int files = 0;
      for (Path each : all) {
        PcapngFile.read(each);
        Files.delete(each);
        files++;
      }
      assertThat(files).isBetween(1, 3);
    }
    captures.incrementAndGet();
    return null;
  }

  private Object captureByManagement() throws Exception {
    Path file = folder.resolve("m.pcapng");
    long number =
        (long) call("startCapture", file + ",snaplen=100,not port 1,queue=256k", String.class);
    Thread.sleep(30);
    call("stopCapture", number, long.class);
    if (!closing) {
      PcapngFile.read(file);
    }
    return null;
  }

  /** As into a disk that gets full, or a pipe that nobody reads any more. */
  private Object failToCapture() throws Exception {
    OutputStream full =
        new OutputStream() {
          private int left = 50_000;

          @Override
          public void write(int one) throws IOException {
            if (--left < 0) {
              throw new IOException("No space left on device");
            }
          }
        };
    try (Capture capture = Capture.start(network, full, CaptureOptions.defaults())) {
      Thread.sleep(20);
      assertThat(capture.failure().map(Throwable::getMessage).orElse("No space left on device"))
          .isEqualTo("No space left on device");
    }
    return null;
  }

  private Object readTable() throws Exception {
    if (!closing) {
      String[] table = ((String) call("ss", "-a -i", String.class)).split("\n", -1);
      assertThat(table[0]).startsWith("STATE");
      BEANS.getAttributes(bean, new String[] {"Connections", "Listeners", "Captures", "JfrActive"});
    }
    Thread.sleep(5);
    return null;
  }

  private Object kill() throws Exception {
    String victims = "state established dport = " + LoadOfAllKinds.VICTIMS;
    for (CompositeData row : (CompositeData[]) call("connections", victims, String.class)) {
      if ((boolean) call("close", row.get("connection"), long.class)) {
        killed.incrementAndGet();
      }
    }
    Thread.sleep(1);
    return null;
  }

  private Object recordMore() throws Exception {
    for (boolean on : new boolean[] {true, false}) {
      call("recordStacks", on, boolean.class);
      call("recordTimes", on, boolean.class);
      Thread.sleep(20);
    }
    return null;
  }

  private Object addFaults() throws Exception {
    if (bean != null) {
      call("addFaults", "tcp:*:*: latency 1ms+-1ms; udp:*:*: latency 1ms", String.class);
      Thread.sleep(20);
      BEANS.invoke(bean, "clearFaults", null, null);
    }
    Thread.sleep(20);
    return null;
  }
}
