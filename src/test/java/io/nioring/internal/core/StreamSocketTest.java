package io.nioring.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nioring.internal.adaptor.ChannelAdaptors;
import io.nioring.internal.address.Interfaces;
import io.nioring.internal.blocking.Facade;
import io.nioring.internal.names.ConnectRequest;
import io.nioring.internal.names.Listener;
import io.nioring.internal.names.Namespace;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.ChannelRegistry;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.network.TrafficCounters;
import io.nioring.internal.network.Verdict;
import io.nioring.internal.network.Verdicts;
import io.nioring.internal.platform.PlatformProvider;
import io.nioring.internal.poll.SpinPolicy;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.Tap;
import io.nioring.internal.stream.Wire;
import io.nioring.internal.time.Clock;
import io.nioring.internal.time.Deadline;
import io.nioring.route.Mode;
import io.nioring.route.Routes;
import io.nioring.testkit.Background;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A socket does without java.nio: any object with a policy of its own can be its facade. */
class StreamSocketTest {
  private static final Duration WAIT = Duration.ofSeconds(60);
  private static final InetSocketAddress ADDRESS =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 80);

  private final MemoryPool memory = new MemoryPool(false);
  private final ChannelRegistry registry = new ChannelRegistry(memory, 1_000, "stream-socket-test");
  private final Namespace names = new Namespace(Path.of("/tmp"), Interfaces.OF_MACHINE);

  /** What a connect is told instead of the plain verdict; null for that. */
  private Verdict verdict;

  private final NetworkResources network =
      new NetworkResources(
          null,
          names,
          new Verdicts(names, Mode.RING, Routes.none()) {
            @Override
            public Verdict onConnect(SocketAddress local, SocketAddress remote)
                throws SocketException {
              return verdict == null ? super.onConnect(local, remote) : verdict;
            }
          },
          new Wire(memory, 1_000, Clock.SYSTEM),
          PlatformProvider.lazy(),
          registry,
          new TrafficCounters(),
          new ChannelAdaptors(Clock.SYSTEM),
          new SpinPolicy(0),
          16_000,
          null);

  /** Waits on through interrupts, as a {@code java.net.Socket} does, and keeps them. */
  private static final class Stubborn implements Facade {
    private StreamSocket socket;
    private boolean blocking = true;
    private boolean interrupted;

    @Override
    public boolean isBlocking() {
      return blocking;
    }

    @Override
    public void beginInterrupted() {
      // An interrupt changes nothing.
    }

    @Override
    public void beginWait() {
      interrupted = false;
    }

    @Override
    public void interruptedInWait() {
      interrupted |= Thread.interrupted();
    }

    @Override
    public void endWait(boolean completed) throws IOException {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      if (!completed && !socket.isOpen()) {
        throw new SocketException("Socket closed");
      }
    }

    @Override
    public boolean isOpen() {
      return socket.isOpen();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @AfterEach
  void close() throws IOException {
    registry.close();
    assertThat(memory.bytesInUse()).isZero();
  }

  private Stubborn open() {
    Stubborn facade = new Stubborn();
    facade.socket = StreamSocket.open(network, AddressFamily.INET, facade, null);
    return facade;
  }

  private Stubborn connected(Endpoint end) {
    Stubborn facade = new Stubborn();
    facade.socket = StreamSocket.connected(network, AddressFamily.INET, end, facade, null);
    return facade;
  }

  @Test
  void anInterruptNeitherEndsNorHidesAReadOfAFacadeThatWaitsOn() throws Exception {
    Endpoint one = new Endpoint();
    Endpoint other = new Endpoint();
    network.wire().connect(one, ADDRESS, other, ADDRESS);
    Stubborn reader = connected(one);
    Stubborn writer = connected(other);
    ByteBuffer dst = ByteBuffer.allocate(10);
    Background<Boolean> reading =
        Background.run(
            () -> {
              Thread.currentThread().interrupt(); // before it waits
              int count = reader.socket.read(reader, dst);
              return count == 3 && Thread.interrupted();
            });
    Thread thread = reading.thread();
    await()
        .atMost(WAIT)
        .until(
            () ->
                thread.getState() == Thread.State.WAITING
                    || thread.getState() == Thread.State.TIMED_WAITING);
    thread.interrupt(); // and while it does

    writer.socket.write(writer, ByteBuffer.allocate(3));
    assertThat(reading.get(20, TimeUnit.SECONDS)).as("all read, and interrupted still").isTrue();
  }

  @Test
  void aCloseEndsAReadInTheFacadesWords() throws Exception {
    Endpoint one = new Endpoint();
    Endpoint other = new Endpoint();
    network.wire().connect(one, ADDRESS, other, ADDRESS);
    Stubborn reader = connected(one);
    connected(other);
    Background<Integer> reading =
        Background.run(() -> reader.socket.read(reader, ByteBuffer.allocate(10)));
    Thread thread = reading.thread();
    await().atMost(WAIT).until(() -> thread.getState() != Thread.State.RUNNABLE);
    reader.close();

    assertThatThrownBy(() -> reading.get(20, TimeUnit.SECONDS))
        .hasRootCauseInstanceOf(SocketException.class)
        .hasRootCauseMessage("Socket closed");
  }

  /**
   * A write from several buffers finds between two of them that its own end was shut meanwhile, and
   * then waits for room for the rest.
   */
  @ParameterizedTest
  @MethodSource("addresses")
  void bytesBehindTheOwnShutdownAreNotCounted(SocketAddress address) throws Exception {
    Endpoint one = new Endpoint();
    Endpoint other = new Endpoint();
    network.wire().connect(one, address, other, address);
    Stubborn reader = connected(one);
    Stubborn writer = connected(other);
    other.addTap(
        new Tap() {
          @Override
          public Object owner() {
            return this;
          }

          @Override
          public boolean wantsBytes() {
            return true;
          }

          @Override
          public void sending(long position, ByteBuffer bytes) {
            other.shutdownOutput();
          }
        });
    ByteBuffer[] srcs = {ByteBuffer.allocate(10), ByteBuffer.allocate(5)};

    assertThat(writer.socket.write(writer, srcs, 0, 2)).isEqualTo(10);

    assertThat(srcs[1].remaining()).isEqualTo(5);
    ByteBuffer dst = ByteBuffer.allocate(100);
    assertThat(reader.socket.read(reader, dst)).isEqualTo(10);
    assertThat(reader.socket.read(reader, dst)).isEqualTo(-1);
  }

  static List<SocketAddress> addresses() {
    return List.of(ADDRESS, UnixDomainSocketAddress.of("/server"));
  }

  /** What a program has of a connection that nobody can accept. */
  private static final class Failing implements Acceptor<Stubborn> {
    @Override
    public Stubborn overRing(Endpoint accepted, OptionValues options) {
      throw new InternalError("of the test"); // which a shortage gives too, in place of its own
    }

    @Override
    public Stubborn throughKernel(Closeable accepted) {
      throw new AssertionError("it is not asked");
    }
  }

  @Test
  void aConnectionWhoseAcceptFailsIsReset() throws Exception {
    Stubborn facade = open();
    facade.blocking = false;
    ListeningSocket server =
        new ListeningSocket(
                network, AddressFamily.INET, facade, OptionValues.ofServer(AddressFamily.INET))
            .open();
    server.bind(ADDRESS, 1);
    Stubborn client = open();
    assertThat(client.socket.connect(client, ADDRESS, Deadline.NONE)).isTrue();

    assertThatThrownBy(() -> server.accept(facade, Deadline.NONE, new Failing()))
        .isInstanceOf(InternalError.class);
    assertThatThrownBy(() -> client.socket.read(client, ByteBuffer.allocate(1)))
        .isInstanceOf(SocketException.class)
        .hasMessage("Connection reset");
  }

  @Test
  void aConnectIsRefusedForTheVerdictsReason() {
    verdict = new Verdict.Refuse(new NoRouteToHostException("Host unreachable"));
    Stubborn client = open();

    assertThatThrownBy(() -> client.socket.connect(client, ADDRESS, Deadline.NONE))
        .isInstanceOf(NoRouteToHostException.class)
        .hasMessage("Host unreachable");
    assertThat(client.isOpen()).isFalse();
  }

  @Test
  void aPendingConnectIsDecidedByTheVerdictsDecider() throws Exception {
    ConnectRequest[] pending = new ConnectRequest[1];
    verdict = new Verdict.Pend(request -> pending[0] = request);
    Stubborn client = open();
    client.blocking = false;
    assertThat(client.socket.connect(client, ADDRESS, Deadline.NONE)).isFalse();
    assertThat(client.socket.finishConnect(client)).isFalse();

    Listener listener = new Listener(network.wire(), null, () -> {});
    listener.listen(1, ADDRESS);
    listener.offer(pending[0], true);
    assertThat(client.socket.finishConnect(client)).isTrue();
    Stubborn server = connected(listener.accept());
    server.socket.write(server, ByteBuffer.allocate(3));
    assertThat(client.socket.read(client, ByteBuffer.allocate(10))).isEqualTo(3);
    assertThat(pending[0].refuse(null)).as("it was decided").isFalse();
  }

  @Test
  void aPendingConnectTimesOutAndIsWithdrawn() {
    ConnectRequest[] pending = new ConnectRequest[1];
    verdict = new Verdict.Pend(request -> pending[0] = request);
    Stubborn client = open();

    assertThatThrownBy(
            () -> client.socket.connect(client, ADDRESS, Deadline.ofMillis(network.clock(), 10)))
        .hasMessage("Connect timed out");
    assertThat(pending[0].state()).isEqualTo(ConnectRequest.State.CANCELLED);
  }
}
