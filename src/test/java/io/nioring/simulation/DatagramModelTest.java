package io.nioring.simulation;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Rounds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random schedules of datagrams over a link whose settings change arrive as a model says that knows
 * nothing of the implementation but the order of its draws: each at its nanosecond.
 */
@Tag("stress")
@Timeout(300)
@SuppressWarnings("ThreadPriorityCheck") // to mix the threads
class DatagramModelTest {
  private static final int SCHEDULES = Rounds.of("test.datagramModel.schedules", 80, 10_000);
  private static final int PORT = 53;

  /** What the link does for now. */
  private record Settings(
      long constant, long uniform, int rate, double loss, double twice, double late, long by) {
    static Settings random(Random random) {
      return new Settings(
          random.nextInt(3_000_000),
          random.nextBoolean() ? 0 : random.nextInt(3_000_000),
          random.nextBoolean() ? 0 : 1_000 + random.nextInt(100_000),
          random.nextBoolean() ? 0 : random.nextDouble() / 2,
          random.nextBoolean() ? 0 : random.nextDouble() / 2,
          random.nextBoolean() ? 0 : random.nextDouble() / 2,
          random.nextInt(5_000_000));
    }

    void set(Link link) {
      link.latency(
          uniform == 0
              ? Latency.constant(Duration.ofNanos(constant))
              : Latency.uniform(Duration.ofNanos(constant), Duration.ofNanos(constant + uniform)));
      link.bandwidth(rate == 0 ? Bandwidth.unlimited() : Bandwidth.bytesPerSecond(rate));
      link.loss(loss).duplication(twice).reordering(late, Duration.ofNanos(by));
    }
  }

  /** Which datagram arrives when. */
  private record Arrival(long at, String text) {}

  /** The model. */
  private static final class Model {
    private final long key;
    private final List<Arrival> arrivals = new ArrayList<>();
    private long busySince;
    private long busyUntil;
    private long busyBytes;
    private int count;

    Model(long seed) {
      long hash = Draws.mix(Draws.mix(Draws.mix(seed, "datagrams"), "client"), "server");
      key = Draws.mix(Draws.mix(hash, 0), PORT);
    }

    private double draw(String rule) {
      return Draws.unit(Draws.mix(Draws.mix(key, rule), count));
    }

    /** A bandwidth that is set anew has nothing to carry yet. */
    void change() {
      busyUntil = 0;
    }

    void send(String text, long now, Settings with) {
      count++;
      long leaves = now;
      if (with.rate > 0) {
        if (now >= busyUntil) {
          busySince = now;
          busyBytes = 0;
        }
        busyBytes += text.length();
        busyUntil = busySince + Bandwidth.bytesPerSecond(with.rate).nanosFor(busyBytes);
        leaves = busyUntil;
      }
      if (draw("loss0") < with.loss) {
        return;
      }
      boolean late = draw("reordering0") < with.late;
      arrivals.add(new Arrival(leaves + latency("latency0", with) + (late ? with.by : 0), text));
      if (draw("duplication0") < with.twice) {
        arrivals.add(new Arrival(leaves + latency("copy0", with), text));
      }
    }

    private long latency(String rule, Settings with) {
      return (long) (with.constant + (with.uniform == 0 ? 0 : draw(rule) * with.uniform));
    }

    /** What has arrived until then and was not told before, in the order of its times. */
    List<String> arrived(long until) {
      List<Arrival> due =
          arrivals.stream()
              .filter(each -> each.at <= until)
              .sorted(Comparator.comparingLong(Arrival::at))
              .toList();
      arrivals.removeAll(due);
      return due.stream().map(Arrival::text).toList();
    }
  }

  @Test
  void eachArrivesWhenTheModelSays() throws Exception {
    for (long seed = 1; seed <= SCHEDULES; seed++) {
      compare(seed);
    }
  }

  private static void compare(long seed) throws Exception {
    Random random = new Random(seed);
    Model model = new Model(seed);
    try (Simulation sim =
        Simulation.open(
            SimulationConfig.builder()
                .seed(seed)
                .virtualTime(true)
                .advanceWhenIdle(false)
                .build())) {
      RingHost client = sim.host("client");
      RingHost server = sim.host("server");
      Link link = sim.link(client, server).toward(server);
      Settings settings = Settings.random(random);
      settings.set(link);
      try (SimDatagrams pair = SimDatagrams.open(client, server, PORT)) {
        for (int i = 0; i < 60; i++) {
          int choice = random.nextInt(10);
          if (choice < 6) {
            String text = i + "x".repeat(random.nextInt(200));
            model.send(text, sim.elapsed().toNanos(), settings);
            pair.ask(text);
          } else if (choice < 7) {
            settings = Settings.random(random);
            settings.set(link);
            model.change();
          } else {
            sim.advance(Duration.ofNanos(random.nextInt(1_000_000)));
          }
          assertThat(pair.questions())
              .as("seed %d, step %d", seed, i)
              .isEqualTo(model.arrived(sim.elapsed().toNanos()));
        }
        arriveOneByOne(sim, pair, model);
      }
    }
  }

  private static void arriveOneByOne(Simulation sim, SimDatagrams pair, Model model)
      throws Exception {
    while (!model.arrivals.isEmpty()) {
      long next = model.arrivals.stream().mapToLong(Arrival::at).min().getAsLong();
      long now = sim.elapsed().toNanos();
      sim.advance(Duration.ofNanos(Math.max(0, next - now - 1)));
      assertThat(pair.questions()).as("a nanosecond before").isEmpty();
      sim.advance(Duration.ofNanos(1));
      assertThat(pair.questions()).isEqualTo(model.arrived(next));
    }
    assertThat(sim.pendingEvents()).isZero();
  }

  @Test
  void theSameSeedDecidesTheSameForThreadsThatSendAtOnce() throws Exception {
    String first = hashOfThreads(5);
    for (int i = 0; i < 10; i++) {
      assertThat(hashOfThreads(5)).isEqualTo(first);
    }
    assertThat(hashOfThreads(6)).isNotEqualTo(first);
  }

  private static String hashOfThreads(long seed) throws Exception {
    try (Simulation sim = Simulation.open(SimulationConfig.builder().seed(seed).build())) {
      RingHost server = sim.host("server");
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        RingHost client = sim.host("client" + i);
        sim.link(client, server)
            .latency(Latency.exponential(Duration.ofMillis(1)))
            .loss(0.2)
            .duplication(0.2)
            .reordering(0.1, Duration.ofMillis(2));
        SimDatagrams pair = SimDatagrams.open(client, server, PORT + i);
        threads.add(
            new Thread(
                () -> {
                  try {
                    for (int k = 0; k < 200; k++) {
                      pair.client().send(US_ASCII.encode("x"), pair.server().getLocalAddress());
                      Thread.yield();
                    }
                  } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                  }
                }));
      }
      threads.forEach(Thread::start);
      for (Thread each : threads) {
        each.join();
      }
      assertThat(sim.trace().size()).isGreaterThan(4 * 200 * 3);
      return sim.trace().hash();
    }
  }
}
