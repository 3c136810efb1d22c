package io.nioring.simulation;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Ten small wrong clients, each found out by the fault that is meant for it, and their ten right
 * twins, each of which gets through all ten faults.
 *
 * <p>The server answers each message of eight bytes with the same bytes. A message is an order, and
 * executed once for each text. Time is virtual: that a client hangs costs nothing.
 */
@Timeout(120)
class MutantTest {
  private static final int LENGTH = 8;
  private static final String ORDER = "order 01";

  /** How long a client may take. */
  private static final Duration LONGEST = Duration.ofSeconds(60);

  private static final int TIMEOUT_MILLIS = 1_000;
  private static final int TRIES = 10;

  /** A client, which gives back the last answer. */
  private interface Client {
    String ask(RingHost host, SocketAddress server) throws IOException;
  }

  /** What is done with a connected channel. */
  private interface Use {
    String with(SocketChannel channel) throws IOException;
  }

  /** A mistake, the fault for it, and how it is done right. */
  @SuppressWarnings("ImmutableEnumChecker")
  enum Mistake {
    IGNORES_SHORT_WRITES(
        faults -> faults.sliceWrites(3, 0),
        (host, server) -> once(host, server, channel -> writeWithoutWaiting(channel, false)),
        (host, server) -> patiently(host, server, channel -> writeWithoutWaiting(channel, true))),
    READS_ONCE(
        faults -> faults.sliceReads(3, 0).downstream(),
        (host, server) -> once(host, server, channel -> readOnce(channel)),
        (host, server) -> patiently(host, server, channel -> exchange(channel, ORDER))),
    TRUSTS_THE_END(
        faults -> faults.connection(1).closeAfterBytes(4),
        (host, server) -> once(host, server, channel -> readToTheEnd(channel)),
        (host, server) -> patiently(host, server, channel -> ensureWhole(readToTheEnd(channel)))),
    DOES_NOT_TRY_AGAIN(
        faults -> faults.first(2).refuse(),
        (host, server) -> once(host, server, channel -> exchange(channel, ORDER)),
        (host, server) -> patiently(host, server, channel -> exchange(channel, ORDER))),
    DOES_NOT_SURVIVE_A_RESET(
        faults -> faults.first(1).resetAfterBytes(2),
        (host, server) -> once(host, server, channel -> exchange(channel, ORDER)),
        (host, server) -> patiently(host, server, channel -> exchange(channel, ORDER))),
    TAKES_READINESS_FOR_BYTES(
        faults -> faults.spuriousReadiness(1).latency(Latency.constant(ofMillis(20))).downstream(),
        (host, server) -> once(host, server, channel -> select(channel, false)),
        (host, server) -> patiently(host, server, channel -> select(channel, true))),
    WAITS_FOR_EVER(
        faults -> faults.connection(1).halfOpen(),
        (host, server) -> once(host, server, channel -> exchange(channel, ORDER)),
        (host, server) -> patiently(host, server, channel -> exchange(channel, ORDER))),
    CONNECTS_FOR_EVER(
        faults -> faults.connection(1).blackHole(),
        (host, server) -> tryAgain(() -> once(host, server, each -> exchange(each, ORDER))),
        (host, server) -> patiently(host, server, channel -> exchange(channel, ORDER))),
    ORDERS_TWICE(
        faults -> faults.connection(1).resetAfterBytes(1),
        (host, server) -> {
          AtomicInteger number = new AtomicInteger(); // a new order each time
          return patiently(
              host, server, channel -> exchange(channel, "order 1" + number.getAndIncrement()));
        },
        (host, server) -> patiently(host, server, channel -> exchange(channel, ORDER))),
    KEEPS_A_DEAD_CONNECTION(
        faults -> faults.connection(1).closeAfterBytes(LENGTH),
        (host, server) -> {
          try (Cache cache = new Cache(host, server, false)) {
            cache.ask();
            return tryAgain(cache::ask);
          }
        },
        (host, server) -> {
          try (Cache cache = new Cache(host, server, true)) {
            tryAgain(cache::ask);
            return tryAgain(cache::ask);
          }
        });

    private final UnaryOperator<FaultBuilder> fault;
    private final Client wrong;
    private final Client right;

    Mistake(UnaryOperator<FaultBuilder> fault, Client wrong, Client right) {
      this.fault = fault;
      this.wrong = wrong;
      this.right = right;
    }
  }

  // -- what clients are made of

  private static String once(RingHost host, SocketAddress server, Use use) throws IOException {
    try (SocketChannel channel = host.provider().openSocketChannel()) {
      channel.connect(server);
      return use.with(channel);
    }
  }

  /** With timeouts, and several times. */
  private static String patiently(RingHost host, SocketAddress server, Use use) throws IOException {
    return tryAgain(
        () -> {
          try (SocketChannel channel = connect(host, server)) {
            return use.with(channel);
          }
        });
  }

  private static SocketChannel connect(RingHost host, SocketAddress server) throws IOException {
    SocketChannel channel = host.provider().openSocketChannel();
    try {
      channel.socket().connect(server, TIMEOUT_MILLIS);
      channel.socket().setSoTimeout(TIMEOUT_MILLIS);
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Something that may have to be done again. */
  private interface Attempt {
    String run() throws IOException;
  }

  private static String tryAgain(Attempt attempt) throws IOException {
    IOException last = null;
    for (int i = 0; i < TRIES; i++) {
      try {
        return attempt.run();
      } catch (IOException e) {
        last = e;
      }
    }
    throw last;
  }

  /** Writes an order and reads the whole answer, within the channel's time limit. */
  private static String exchange(SocketChannel channel, String order) throws IOException {
    channel.socket().getOutputStream().write(order.getBytes(US_ASCII));
    return ensureWhole(new String(channel.socket().getInputStream().readNBytes(LENGTH), US_ASCII));
  }

  private static String ensureWhole(String answer) throws IOException {
    if (answer.length() < LENGTH) {
      throw new IOException("the answer ends after " + answer.length() + " bytes");
    }
    return answer;
  }

  private static String writeWithoutWaiting(SocketChannel channel, boolean all) throws IOException {
    channel.configureBlocking(false);
    ByteBuffer order = US_ASCII.encode(ORDER);
    do {
      channel.write(order);
    } while (all && order.hasRemaining());
    channel.configureBlocking(true);
    channel.shutdownOutput();
    return ensureWhole(readToTheEnd(channel));
  }

  private static String readOnce(SocketChannel channel) throws IOException {
    channel.write(US_ASCII.encode(ORDER));
    ByteBuffer answer = ByteBuffer.allocate(LENGTH);
    channel.read(answer);
    return US_ASCII.decode(answer.flip()).toString();
  }

  private static String readToTheEnd(SocketChannel channel) throws IOException {
    if (!channel.socket().isOutputShutdown()) {
      channel.write(US_ASCII.encode(ORDER));
      channel.shutdownOutput();
    }
    return new String(channel.socket().getInputStream().readAllBytes(), US_ASCII);
  }

  private static String select(SocketChannel channel, boolean patient) throws IOException {
    channel.write(US_ASCII.encode(ORDER));
    channel.configureBlocking(false);
    ByteBuffer answer = ByteBuffer.allocate(LENGTH);
    try (Selector selector = channel.provider().openSelector()) {
      channel.register(selector, SelectionKey.OP_READ);
      int count;
      do {
        if (selector.select(TIMEOUT_MILLIS) == 0) {
          throw new IOException("no answer in time");
        }
        selector.selectedKeys().clear();
        count = channel.read(answer);
      } while (patient && count >= 0 && answer.hasRemaining());
    }
    return ensureWhole(US_ASCII.decode(answer.flip()).toString());
  }

  /** A connection that is kept for the next order. */
  private static final class Cache implements AutoCloseable {
    private final RingHost host;
    private final SocketAddress server;
    private final boolean dropsDead;
    private SocketChannel channel;

    Cache(RingHost host, SocketAddress server, boolean dropsDead) {
      this.host = host;
      this.server = server;
      this.dropsDead = dropsDead;
    }

    String ask() throws IOException {
      if (channel == null) {
        channel = connect(host, server);
      }
      try {
        return exchange(channel, ORDER);
      } catch (IOException e) {
        if (dropsDead) {
          close();
          channel = null;
        }
        throw e;
      }
    }

    @Override
    public void close() throws IOException {
      if (channel != null) {
        channel.close();
      }
    }
  }

  // -- the server

  /** Echoes messages, and executes each order once. */
  private static final class Server {
    private final RingHost host;
    private final ServerSocketChannel listener;
    private final Set<String> executed = ConcurrentHashMap.newKeySet();

    Server(RingHost host) throws IOException {
      this.host = host;
      this.listener = SimPair.listen(host, 80);
      host.executor().execute(this::serve);
    }

    private void serve() {
      while (listener.isOpen()) {
        try {
          SocketChannel accepted = listener.accept();
          host.executor().execute(() -> echo(accepted));
        } catch (IOException e) {
          return; // the end
        }
      }
    }

    private void echo(SocketChannel accepted) {
      try (accepted) {
        ByteBuffer message = ByteBuffer.allocate(LENGTH);
        while (accepted.read(message) >= 0) {
          if (!message.hasRemaining()) {
            message.flip();
            executed.add(US_ASCII.decode(message.duplicate()).toString());
            accepted.write(message);
            message.clear();
          }
        }
      } catch (IOException e) {
        return; // what the fault does to the server is not looked at
      }
    }
  }

  // -- the outcome

  /** Whether a client has got its answer in time, and has ordered once. */
  private static boolean succeeds(Client client, UnaryOperator<FaultBuilder> fault)
      throws Exception {
    try (Simulation sim = Simulation.open(SimulationConfig.builder().virtualTime(true).build())) {
      RingHost host = sim.host("client");
      Server server = new Server(sim.host("server"));
      FaultBuilder builder = sim.faults().to(server.host, 80);
      fault.apply(builder).install();
      SocketAddress address = server.listener.getLocalAddress();
      Future<Boolean> asking =
          host.executor()
              .submit(
                  () ->
                      client.ask(host, address).length() == LENGTH
                          && sim.elapsed().compareTo(LONGEST) < 0);
      return asking.get(20, TimeUnit.SECONDS) && server.executed.size() == 1;
    } catch (ExecutionException e) {
      assertThat(e).hasCauseInstanceOf(IOException.class);
      return false;
    }
  }

  @ParameterizedTest
  @EnumSource
  void aMistakeIsFoundOutByTheFaultForIt(Mistake mistake) throws Exception {
    assertThat(succeeds(mistake.wrong, none -> none.latency(Latency.none()))).isTrue();
    assertThat(succeeds(mistake.wrong, mistake.fault)).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void whoMakesNoMistakeGetsThroughAllFaults(Mistake avoided) throws Exception {
    assertThat(succeeds(avoided.right, none -> none.latency(Latency.none()))).isTrue();
    for (Mistake each : Mistake.values()) {
      assertThat(succeeds(avoided.right, each.fault)).as("fault for %s", each).isTrue();
    }
  }
}
