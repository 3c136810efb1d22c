package io.nioring.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** TLS layered over plain sockets of each kind, in both of its versions. */
@Timeout(180)
class TlsContractTest extends TlsContract {
  private static final int LONG_MILLIS = (int) Deadline.DEFAULT.toMillis();
  private static final int LARGE = 300_000;

  static Stream<Arguments> each() {
    return withEachVersion(() -> Arrays.stream(SocketWorld.Kind.values()).map(SocketWorld::new));
  }

  /** Two ends that have shaken hands, over two sockets. */
  private record Ends(SSLSocket client, SSLSocket server, SocketWorld.Pair beneath) {}

  private static SSLSocket client(Socket beneath, String version, boolean closesIt)
      throws IOException {
    SSLSocketFactory factory = CONTEXT.getSocketFactory();
    SSLSocket client =
        (SSLSocket) factory.createSocket(beneath, "localhost", beneath.getPort(), closesIt);
    client.setEnabledProtocols(new String[] {version});
    return client;
  }

  /** The server's end; null for no bytes that were read before. */
  private static SSLSocket server(Socket beneath, byte[] readBefore) throws IOException {
    ByteArrayInputStream consumed =
        readBefore == null ? null : new ByteArrayInputStream(readBefore);
    return (SSLSocket) CONTEXT.getSocketFactory().createSocket(beneath, consumed, true);
  }

  private static Ends ends(SocketWorld world, String version, boolean closesIt) throws IOException {
    SocketWorld.Pair beneath = world.pair();
    SSLSocket client = client(beneath.client(), version, closesIt);
    SSLSocket server = server(beneath.server(), null);
    Background<Void> shaking = inBackground(server::startHandshake);
    client.startHandshake();
    shaking.result();
    return new Ends(world.closing(client), world.closing(server), beneath);
  }

  private static Ends ends(SocketWorld world, String version) throws IOException {
    return ends(world, version, true);
  }

  private record SocketEnd(SSLSocket socket) implements End {
    @Override
    public void send(byte[] bytes) throws IOException {
      socket.getOutputStream().write(bytes);
    }

    @Override
    public byte[] receive(int count) throws IOException {
      return socket.getInputStream().readNBytes(count);
    }
  }

  // -- moving

  @ParameterizedTest
  @MethodSource("each")
  void manyBytesGoBothWaysAtOnce(SocketWorld world, String version) throws IOException {
    Ends ends = ends(world, version);
    exchange(new SocketEnd(ends.client()), new SocketEnd(ends.server()), LARGE);
    assertThat(ends.client().getSession().getProtocol()).isEqualTo(version);
  }

  @ParameterizedTest
  @MethodSource("each")
  void whatTheServerHasReadBeforeIsHandedOver(SocketWorld world, String version)
      throws IOException {
    SocketWorld.Pair beneath = world.pair();
    SSLSocket client = world.closing(client(beneath.client(), version, true));
    Background<Void> shaking = inBackground(client::startHandshake);
    byte[] first = beneath.server().getInputStream().readNBytes(5); // a record's header
    SSLSocket server = world.closing(server(beneath.server(), first));
    server.startHandshake();
    shaking.result();
    server.getOutputStream().write(7);
    assertThat(client.getInputStream().read()).isEqualTo(7);
  }

  @ParameterizedTest
  @MethodSource("each")
  void readThatTimedOutGoesOn(SocketWorld world, String version) throws IOException {
    Ends ends = ends(world, version);
    ends.client().setSoTimeout(5);
    assertThatThrownBy(() -> ends.client().getInputStream().read())
        .isExactlyInstanceOf(SocketTimeoutException.class)
        .hasMessage("Read timed out");
    assertThat(ends.beneath().client().getSoTimeout()).isEqualTo(5);
    ends.client().setSoTimeout(LONG_MILLIS);
    ends.server().getOutputStream().write(7);
    assertThat(ends.client().getInputStream().read()).isEqualTo(7);
  }

  @ParameterizedTest
  @MethodSource("each")
  void handshakeWithASilentPeerTimesOut(SocketWorld world, String version) throws IOException {
    SocketWorld.Pair beneath = world.pair();
    SSLSocket client = world.closing(client(beneath.client(), version, true));
    client.setSoTimeout(5);
    assertThatThrownBy(client::startHandshake).isInstanceOf(SocketTimeoutException.class);
  }

  // -- the end

  @ParameterizedTest
  @MethodSource("each")
  void closeIsTheEndToThePeer(SocketWorld world, String version) throws IOException {
    Ends ends = ends(world, version);
    ends.client().getOutputStream().write(7);
    ends.client().close();
    assertThat(ends.beneath().client().isClosed()).isTrue();
    assertThat(ends.server().getInputStream().read()).isEqualTo(7);
    assertThat(ends.server().getInputStream().read()).isEqualTo(-1);
  }

  @ParameterizedTest
  @MethodSource("each")
  void socketBeneathStaysOpenIfAskedTo(SocketWorld world, String version) throws IOException {
    Ends ends = ends(world, version, false);
    Background<Integer> end = Background.run(() -> ends.server().getInputStream().read());
    ends.client().close();
    assertThat(end.result()).isEqualTo(-1);
    assertThat(ends.beneath().client().isClosed()).isFalse();
    ends.beneath().client().getOutputStream().write(1);
  }

  /** In TLS 1.3 the directions end by themselves. */
  @ParameterizedTest
  @MethodSource("each")
  void outputEndsBeforeInput(SocketWorld world, String version) throws IOException {
    Ends ends = ends(world, version);
    ends.client().shutdownOutput();
    assertThat(ends.server().getInputStream().read()).isEqualTo(-1);
    if (version.equals("TLSv1.3")) {
      ends.server().getOutputStream().write(7);
      assertThat(ends.client().getInputStream().read()).isEqualTo(7);
    }
    ends.server().close();
    assertThat(ends.client().getInputStream().read()).isEqualTo(-1);
  }

  /** The JDK wants no close_notify, unless {@code com.sun.net.ssl.requireCloseNotify} is set. */
  @ParameterizedTest
  @MethodSource("each")
  void endWithoutAWordIsAnEndToo(SocketWorld world, String version) throws IOException {
    Ends ends = ends(world, version);
    ends.beneath().server().shutdownOutput();
    assertThat(ends.client().getInputStream().read()).isEqualTo(-1);
  }

  @ParameterizedTest
  @MethodSource("each")
  void resetIsAFailure(SocketWorld world, String version) throws IOException {
    Ends ends = ends(world, version);
    Background<Integer> reading = Background.run(() -> ends.client().getInputStream().read());
    ends.beneath().server().setSoLinger(true, 0);
    ends.beneath().server().close();
    assertThat(reading.failure())
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage("Connection reset");
  }

  /** By an exception, or as the peer's answer to the close has it. */
  @ParameterizedTest
  @MethodSource("each")
  void closeEndsAReadOfAnotherThread(SocketWorld world, String version) throws Exception {
    Ends ends = ends(world, version);
    Background<Integer> reading = Background.run(() -> readOrClosed(ends.client()));
    reading.awaitBlockedIn("read");
    ends.client().close();
    assertThat(reading.result()).isEqualTo(-1);
    assertThat(ends.client().isClosed()).isTrue();
  }

  private static int readOrClosed(SSLSocket socket) throws IOException {
    try {
      return socket.getInputStream().read();
    } catch (SocketException e) {
      return -1;
    }
  }

  @ParameterizedTest
  @MethodSource("each")
  void closeBeneathEndsAReadOfAnotherThread(SocketWorld world, String version) throws Exception {
    Ends ends = ends(world, version);
    Background<Integer> reading = Background.run(() -> ends.client().getInputStream().read());
    reading.awaitBlockedIn("read");
    ends.beneath().client().close();
    assertThat(reading.failure()).isInstanceOf(SocketException.class);
  }
}
