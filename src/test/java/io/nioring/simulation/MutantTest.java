package io.nioring.simulation;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Background;
import io.nioring.testkit.ThreadKind;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Small wrong clients, each found out by the fault that is meant for it, and their right twins. */
@Timeout(60)
class MutantTest {
  private static final String REQUEST = "12345678";

  /** What a client does with a connection to an echo server; it gives back the answer. */
  private interface Client {
    String ask(RingHost host, SocketAddress server) throws IOException;
  }

  /** A mistake, the fault for it, and how it is done right. */
  @SuppressWarnings("ImmutableEnumChecker")
  enum Mistake {
    IGNORES_SHORT_WRITES(
        faults -> faults.sliceWrites(3, 0),
        (host, server) ->
            withChannel(
                host,
                server,
                channel -> {
                  channel.configureBlocking(false);
                  channel.write(US_ASCII.encode(REQUEST));
                  channel.shutdownOutput();
                  return readAll(channel);
                }),
        (host, server) ->
            withChannel(
                host,
                server,
                channel -> {
                  channel.configureBlocking(false);
                  ByteBuffer request = US_ASCII.encode(REQUEST);
                  while (request.hasRemaining()) {
                    channel.write(request);
                  }
                  channel.shutdownOutput();
                  return readAll(channel);
                })),
    READS_ONCE(
        faults -> faults.sliceReads(3, 0).downstream(),
        (host, server) ->
            withChannel(
                host,
                server,
                channel -> {
                  channel.write(US_ASCII.encode(REQUEST));
                  channel.shutdownOutput();
                  ByteBuffer answer = ByteBuffer.allocate(100);
                  channel.read(answer);
                  return US_ASCII.decode(answer.flip()).toString();
                }),
        (host, server) ->
            withChannel(
                host,
                server,
                channel -> {
                  channel.write(US_ASCII.encode(REQUEST));
                  channel.shutdownOutput();
                  return readAll(channel);
                })),
    TRUSTS_THE_END(
        faults -> faults.connection(1).closeAfterBytes(4),
        (host, server) ->
            withChannel(
                host,
                server,
                channel -> {
                  channel.write(US_ASCII.encode(REQUEST));
                  channel.shutdownOutput();
                  return readAll(channel);
                }),
        (host, server) -> {
          String answer = "";
          for (int i = 0; i < 3 && answer.length() < REQUEST.length(); i++) {
            answer =
                withChannel(
                    host,
                    server,
                    channel -> {
                      channel.write(US_ASCII.encode(REQUEST));
                      channel.shutdownOutput();
                      return readAll(channel);
                    });
          }
          return answer;
        }),
    DOES_NOT_TRY_AGAIN(
        faults -> faults.first(2).refuse(),
        (host, server) -> plain(host, server),
        (host, server) -> tenTimes(host, server)),
    DOES_NOT_SURVIVE_A_RESET(
        faults -> faults.first(1).resetAfterBytes(2),
        (host, server) -> plain(host, server),
        (host, server) -> tenTimes(host, server)),
    TAKES_READINESS_FOR_BYTES(
        faults -> faults.spuriousReadiness(1).latency(Latency.constant(ofMillis(20))).downstream(),
        (host, server) -> selecting(host, server, false),
        (host, server) -> selecting(host, server, true)),
    WAITS_FOR_EVER(
        faults -> faults.connection(1).halfOpen(),
        (host, server) -> withAdaptor(host, server, 0),
        (host, server) -> {
          try {
            return withAdaptor(host, server, 50);
          } catch (IOException e) {
            return withAdaptor(host, server, 5000);
          }
        });

    private final Consumer<FaultBuilder> fault;
    private final Client wrong;
    private final Client right;

    Mistake(Consumer<FaultBuilder> fault, Client wrong, Client right) {
      this.fault = fault;
      this.wrong = wrong;
      this.right = right;
    }
  }

  /** What is done with a connected channel. */
  private interface Use {
    String with(SocketChannel channel) throws IOException;
  }

  private static String withChannel(RingHost host, SocketAddress server, Use use)
      throws IOException {
    try (SocketChannel channel = host.provider().openSocketChannel()) {
      channel.connect(server);
      return use.with(channel);
    }
  }

  private static String plain(RingHost host, SocketAddress server) throws IOException {
    return withChannel(
        host,
        server,
        channel -> {
          channel.write(US_ASCII.encode(REQUEST));
          channel.shutdownOutput();
          return readAll(channel);
        });
  }

  private static String tenTimes(RingHost host, SocketAddress server) throws IOException {
    IOException last = null;
    for (int i = 0; i < 10; i++) {
      try {
        return plain(host, server);
      } catch (IOException e) {
        last = e;
      }
    }
    throw last;
  }

  private static String withAdaptor(RingHost host, SocketAddress server, int timeoutMillis)
      throws IOException {
    return withChannel(
        host,
        server,
        channel -> {
          channel.socket().setSoTimeout(timeoutMillis);
          channel.socket().getOutputStream().write(REQUEST.getBytes(US_ASCII));
          channel.socket().shutdownOutput();
          return new String(channel.socket().getInputStream().readAllBytes(), US_ASCII);
        });
  }

  private static String selecting(RingHost host, SocketAddress server, boolean patient)
      throws IOException {
    return withChannel(
        host,
        server,
        channel -> {
          channel.write(US_ASCII.encode(REQUEST));
          channel.shutdownOutput();
          channel.configureBlocking(false);
          ByteBuffer answer = ByteBuffer.allocate(100);
          try (Selector selector = host.provider().openSelector()) {
            channel.register(selector, SelectionKey.OP_READ);
            do {
              selector.select(1000);
              selector.selectedKeys().clear();
            } while (channel.read(answer) == 0 && patient);
          }
          return US_ASCII.decode(answer.flip()).toString();
        });
  }

  private static String readAll(SocketChannel channel) throws IOException {
    ByteBuffer answer = ByteBuffer.allocate(100);
    while (channel.read(answer) >= 0) {
      Thread.onSpinWait();
    }
    return US_ASCII.decode(answer.flip()).toString();
  }

  private static String outcome(Mistake mistake, boolean isRight, boolean isFaulty)
      throws Exception {
    try (Simulation sim = Simulation.open()) {
      RingHost host = sim.host("client");
      RingHost echo = sim.host("echo");
      try (ServerSocketChannel listener = SimPair.listen(echo, 80)) {
        if (isFaulty) {
          FaultBuilder builder = sim.faults().to(echo, 80);
          mistake.fault.accept(builder);
          builder.install();
        }
        Background<Object> server = Background.run(ThreadKind.PLATFORM, () -> serve(listener));
        Background<String> client =
            Background.run(
                ThreadKind.PLATFORM,
                () ->
                    (isRight ? mistake.right : mistake.wrong)
                        .ask(host, listener.getLocalAddress()));
        try {
          return client.result(Duration.ofSeconds(isFaulty && !isRight ? 1 : 20));
        } catch (AssertionError e) {
          return "failed";
        } finally {
          sim.network().close();
          server.awaitDone();
          client.awaitDone();
        }
      }
    }
  }

  private static Object serve(ServerSocketChannel listener) {
    while (listener.isOpen()) {
      try {
        SocketChannel accepted = listener.accept();
        new Thread(() -> echo(accepted)).start();
      } catch (IOException e) {
        return null; // the end
      }
    }
    return null;
  }

  private static void echo(SocketChannel accepted) {
    try (accepted) {
      ByteBuffer bytes = ByteBuffer.allocate(100);
      while (accepted.read(bytes) >= 0) {
        Thread.onSpinWait();
      }
      accepted.write(bytes.flip());
    } catch (IOException e) {
      return; // what the fault does to the server is not looked at
    }
  }

  @ParameterizedTest
  @EnumSource
  void aMistakeIsFoundOutByItsFaultAndByNoOther(Mistake mistake) throws Exception {
    assertThat(outcome(mistake, false, false)).isEqualTo(REQUEST);
    assertThat(outcome(mistake, false, true)).isNotEqualTo(REQUEST);
    assertThat(outcome(mistake, true, true)).isEqualTo(REQUEST);
    assertThat(outcome(mistake, true, false)).isEqualTo(REQUEST);
  }
}
