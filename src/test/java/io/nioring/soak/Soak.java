package io.nioring.soak;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.RingNetworkStatistics;
import io.nioring.route.Mode;
import io.nioring.testkit.OpenDescriptors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Streams of all kinds while something is short; prints what was wrong at the end, or "right". */
final class Soak {
  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  /** The descriptors of a selector of the JDK's. */
  private static final Set<String> OF_SELECTOR =
      Set.of("anon_inode:[eventpoll]", "anon_inode:[eventfd]");

  private final RingNetwork network;
  private final List<SoakLane> lanes = new ArrayList<>();

  private Soak(Mode mode) throws IOException {
    network = RingNetwork.open(RingNetworkConfig.builder().mode(mode).idleMillis(200).build());
    Path path = Files.createTempDirectory("soak").resolve("socket");
    lanes.add(new SoakLane("channels", SoakTransports.channels(network), 1));
    lanes.add(new SoakLane("unix", SoakTransports.unix(network, path), 2));
    lanes.add(new SoakLane("selectors", SoakTransports.selectors(network), 3));
    lanes.add(new SoakLane("plain", SoakTransports.plain(network), 4));
    lanes.add(new SoakLane("asynchronous", SoakTransports.asynchronous(network), 5));
  }

  static Thread daemon(Runnable body) {
    Thread thread = new Thread(body, "soak");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Runs.
   *
   * @param args the mode, for how many seconds, and each {@link SoakShortage} there is at once
   */
  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws Exception {
    Mode mode = Mode.valueOf(args[0]);
    List<String> wrong = new ArrayList<>(new Soak(mode).run(1));
    SoakShortage[] shortages =
        Stream.of(args).skip(2).map(SoakShortage::valueOf).toArray(SoakShortage[]::new);
    boolean withHeap = !List.of(shortages).contains(SoakShortage.HEAP);
    long before = targets(withHeap).size();
    wrong.addAll(new Soak(mode).run(Long.parseLong(args[1]), shortages));
    if (!comesTrue(() -> targets(withHeap).size() <= before)) {
      wrong.add("descriptors: " + before + " before, now " + targets(withHeap));
    }
    wrong.forEach(System.out::println);
    System.out.println(wrong.isEmpty() ? "right" : "wrong");
  }

  @SuppressWarnings("SystemOut")
  private List<String> run(long seconds, SoakShortage... shortages) throws Exception {
    lanes.forEach(SoakLane::start);
    SoakShortage.runUntil(System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds), shortages);
    List<String> wrong = new ArrayList<>();
    goOn(wrong);
    for (SoakLane lane : lanes) {
      System.out.println(lane.report());
    }
    end(wrong);
    return wrong;
  }

  /** Nothing is short any more: each lane has a stream through, and another one. */
  private void goOn(List<String> wrong) {
    long[] before = lanes.stream().mapToLong(SoakLane::succeeded).toArray();
    for (int i = 0; i < before.length; i++) {
      SoakLane lane = lanes.get(i);
      long some = before[i] + 2;
      if (!comesTrue(() -> lane.succeeded() >= some)) {
        wrong.add("waits: " + lane.dump() + "\n  of " + network.sockets());
      }
    }
  }

  private void end(List<String> wrong) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + LONGEST_NANOS;
    for (SoakLane lane : lanes) {
      if (!lane.end(deadline)) {
        wrong.add("does not end: " + lane.dump());
      }
      wrong.addAll(lane.wrong());
    }
    System.gc(); // finds what was made where there was no room to hand it out
    if (!comesTrue(this::isEmpty)) {
      wrong.add("left: " + network.statistics() + network.sockets());
    }
    network.close();
    if (!comesTrue(Soak::areThreadsGone)) {
      wrong.add("threads: " + Thread.getAllStackTraces().keySet());
    }
  }

  private boolean isEmpty() {
    RingNetworkStatistics left = network.statistics();
    return left.openChannels() == 0 && left.memoryInUseBytes() == 0 && left.listeners() == 0;
  }

  private static boolean areThreadsGone() {
    return Thread.getAllStackTraces().keySet().stream()
        .noneMatch(thread -> thread.getName().startsWith("nioring"));
  }

  private static boolean comesTrue(BooleanSupplier condition) {
    long deadline = System.nanoTime() + LONGEST_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      Thread.onSpinWait();
      try {
        TimeUnit.MILLISECONDS.sleep(2);
      } catch (InterruptedException e) {
        throw new AssertionError("nobody interrupts this thread", e);
      }
    }
    return true;
  }

  /**
   * What is open in the kernel, but for files, since classes are loaded at any time, and for what
   * the JVM opens when a tool such as {@code jcmd} attaches. Without heap the JDK loses the
   * descriptors of a selector that it cannot open: it closes them after an {@code IOException}
   * only. A program without this library that opens one with 0, 1, 2 ... small objects' room left
   * is short of them afterwards, on JDK 17 and 25.
   */
  private static List<String> targets(boolean withHeap) {
    try (Stream<Path> open = Files.list(DESCRIPTORS)) {
      Set<String> attached = OpenDescriptors.ofAttachListener();
      return open.map(Soak::target)
          .filter(target -> !target.startsWith("/") && !attached.contains(target))
          .filter(target -> withHeap || !OF_SELECTOR.contains(target))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return "/closed meanwhile";
    }
  }
}
