package io.nioring.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Level L3: where all hosts run on virtual threads of one carrier, in virtual time, the events are
 * the same in each run, their order included. Of JDKs that have virtual threads; on others the same
 * program runs on platform threads, and only what it says is compared.
 */
@Timeout(120)
class OneCarrierTest {
  private static final int RUNS = 8;
  private static final int CLIENTS = 6;
  private static final int ROUNDS = 40;
  private static final int PORT = 80;
  private static final boolean HAS_VIRTUAL_THREADS = Runtime.version().feature() >= 21;

  /** What the other JVM does: prints a hash of its events for each run. */
  static final class Program {
    private final List<String> events = new ArrayList<>();
    private final Simulation sim =
        Simulation.open(SimulationConfig.builder().seed(7).virtualTime(true).build());
    private final RingHost server = sim.host("server");
    private final ThreadFactory base;

    private Program(ThreadFactory base) {
      this.base = base;
    }

    public static void main(String[] args) throws Exception {
      ThreadFactory factory = factory();
      for (int run = 0; run < RUNS; run++) {
        Program program = new Program(factory);
        Thread root = factory.newThread(program::run); // so that no thread runs outside the carrier
        root.start();
        root.join();
        System.out.println(program.events.size() + " " + program.events.hashCode());
      }
    }

    private static ThreadFactory factory() throws ReflectiveOperationException {
      if (!HAS_VIRTUAL_THREADS) {
        return Thread::new;
      }
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      Class<?> type = Class.forName("java.lang.Thread$Builder");
      return (ThreadFactory) type.getMethod("factory").invoke(builder);
    }

    private synchronized void add(String event) {
      events.add(event + " at " + sim.elapsed());
    }

    private Thread start(RingHost host, Body body) {
      Thread thread =
          host.threadFactory(base)
              .newThread(
                  () -> {
                    try {
                      body.run();
                    } catch (AsynchronousCloseException ignored) {
                      // the simulation was closed, when all answers had come
                    } catch (IOException e) {
                      throw new UncheckedIOException(e);
                    }
                  });
      thread.start();
      return thread;
    }

    private void run() {
      try (ServerSocketChannel listener = SimPair.listen(server, PORT)) {
        List<Thread> threads = new ArrayList<>();
        server.run(
            () -> {
              threads.add(start(server, () -> serve(listener)));
              for (int i = 0; i < CLIENTS; i++) {
                RingHost host = sim.host("client" + i);
                sim.link(host, server).latency(Latency.uniform(ofMillis(1), ofMillis(9)));
                threads.add(start(host, () -> ask(host, listener)));
              }
            });
        for (Thread each : threads) {
          each.join();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      } finally {
        sim.close();
      }
    }

    private void serve(ServerSocketChannel listener) throws IOException {
      for (int i = 0; i < CLIENTS; i++) {
        SocketChannel accepted = listener.accept();
        start(server, () -> echo(accepted));
      }
    }

    private void echo(SocketChannel accepted) throws IOException {
      try (accepted) {
        ByteBuffer bytes = ByteBuffer.allocate(10);
        while (accepted.read(bytes.clear()) >= 0) {
          add("server has " + bytes.position());
          accepted.write(bytes.flip());
        }
      }
    }

    private void ask(RingHost host, ServerSocketChannel listener) throws IOException {
      try (SocketChannel channel = host.provider().openSocketChannel()) {
        channel.connect(listener.getLocalAddress());
        for (int i = 0; i < ROUNDS; i++) {
          channel.write(ByteBuffer.allocate(1));
          channel.read(ByteBuffer.allocate(10));
          add(host.name() + " has answer " + i);
        }
      }
    }
  }

  /** What may fail by I/O. */
  private interface Body {
    void run() throws IOException;
  }

  private static List<String> run() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-Djdk.virtualThreadScheduler.parallelism=1");
    command.add("-Djdk.virtualThreadScheduler.maxPoolSize=1");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Program.class.getName()));
    Process program = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(program.getInputStream().readAllBytes(), UTF_8);
    assertThat(program.waitFor(30, TimeUnit.SECONDS)).isTrue();
    List<String> hashes = output.lines().filter(line -> line.matches("\\d+ -?\\d+")).toList();
    assertThat(hashes).as(output).hasSize(RUNS);
    return hashes;
  }

  @Test
  void theSameSeedGivesTheSameEventsInTheSameOrder() throws Exception {
    List<String> hashes = new ArrayList<>(run());
    assertThat(hashes).allMatch(each -> each.startsWith(2 * CLIENTS * ROUNDS + " "));
    if (HAS_VIRTUAL_THREADS) {
      hashes.addAll(run()); // in another JVM
      assertThat(new HashSet<>(hashes)).hasSize(1);
    }
  }
}
