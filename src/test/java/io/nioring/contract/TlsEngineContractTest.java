package io.nioring.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * TLS by {@code SSLEngine}s over the streams of plain sockets, blocking channels, channels in
 * selectors, and asynchronous channels, in both of its versions.
 */
@Timeout(180)
class TlsEngineContractTest extends TlsContract {
  private static final int LARGE = 200_000;

  static Stream<Arguments> each() {
    return withEachVersion(EngineWorld::all);
  }

  /** Two ends that have shaken hands. */
  private record Ends(TlsEnd client, TlsEnd server) {}

  private static Ends ends(EngineWorld world, String version) throws IOException {
    EngineWorld.Pair beneath = world.pair();
    TlsEnd client = TlsEnd.client(CONTEXT, version, beneath.client());
    TlsEnd server = TlsEnd.server(CONTEXT, beneath.server());
    Background<Void> shaking = inBackground(server::handshake);
    client.handshake();
    shaking.result();
    assertThat(client.version()).isEqualTo(version);
    return new Ends(client, server);
  }

  @ParameterizedTest
  @MethodSource("each")
  void manyBytesGoBothWaysAtOnce(EngineWorld world, String version) throws IOException {
    Ends ends = ends(world, version);
    exchange(ends.client(), ends.server(), LARGE);
  }

  /** In TLS 1.3 the directions end by themselves; before that the peer has to answer. */
  @ParameterizedTest
  @MethodSource("each")
  void outputEndsBeforeInput(EngineWorld world, String version) throws IOException {
    Ends ends = ends(world, version);
    ends.client().send(bytes(3));
    ends.client().sendCloseNotify();
    ends.client().link().shutdownOutput();

    assertThat(ends.server().receive(3)).isEqualTo(bytes(3));
    assertThat(ends.server().isAtEnd()).isTrue();
    if (version.equals("TLSv1.3")) {
      ends.server().send(bytes(LARGE / 100));
      assertThat(ends.client().receive(LARGE / 100)).isEqualTo(bytes(LARGE / 100));
    }
    ends.server().sendCloseNotify();
    assertThat(ends.client().isAtEnd()).isTrue();
    ends.server().link().close();
    assertThat(ends.client().link().read(ByteBuffer.allocate(1))).isEqualTo(-1);
  }

  @ParameterizedTest
  @MethodSource("each")
  void closeNotifyReachesAPeerThatWaits(EngineWorld world, String version) throws Exception {
    Ends ends = ends(world, version);
    Background<Boolean> end = Background.run(() -> ends.server().isAtEnd());
    end.awaitBlockedIn(ends.server().link().sleepsIn());

    ends.client().sendCloseNotify();
    ends.client().link().close();

    assertThat(end.result()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("each")
  void endWithoutCloseNotifyIsTruncation(EngineWorld world, String version) throws IOException {
    Ends ends = ends(world, version);
    ends.client().sendHalf(bytes(100));
    ends.client().link().shutdownOutput();

    assertThatThrownBy(() -> ends.server().receive(1)).isInstanceOf(SSLException.class);
  }

  @ParameterizedTest
  @MethodSource("each")
  void resetInTheMiddleOfARecord(EngineWorld world, String version) throws Exception {
    Ends ends = ends(world, version);
    ends.client().send(bytes(3)); // stays unread
    ends.server().sendHalf(bytes(100));
    Background<byte[]> receiving = Background.run(() -> ends.client().receive(1));
    receiving.awaitBlockedIn(ends.client().link().sleepsIn());

    ends.server().link().reset();

    assertThat(receiving.failure())
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(SSLException.class)
        .hasMessageStartingWith("Connection reset");
    assertThatThrownBy(() -> sendForEver(ends.client()))
        .isInstanceOf(IOException.class)
        .hasMessage("Broken pipe");
  }

  private static void sendForEver(TlsEnd end) throws IOException {
    while (true) {
      end.send(bytes(1));
    }
  }

  @ParameterizedTest
  @MethodSource("each")
  void resetInTheHandshake(EngineWorld world, String version) throws Exception {
    EngineWorld.Pair beneath = world.pair();
    TlsEnd client = TlsEnd.client(CONTEXT, version, beneath.client());
    Background<Void> shaking = inBackground(client::handshake);
    beneath.server().read(ByteBuffer.allocate(5)); // a record's header; the rest stays unread
    shaking.awaitBlockedIn(beneath.client().sleepsIn());

    beneath.server().reset();

    assertThat(shaking.failure())
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(SSLException.class)
        .hasMessageStartingWith("Connection reset");
  }
}
