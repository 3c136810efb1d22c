package io.nioring.consumer.toolkits;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nioring.consumer.Certificate;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.Tcp;
import org.apache.pekko.util.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pekko's TCP streams, which end by half-closing. */
class PekkoStreamsTest {
  private static final int CONNECTIONS = 50;

  private Wire wire;
  private ActorSystem system;
  private Tcp tcp;

  @BeforeEach
  void open() {
    wire = Wire.watch();
    system = ActorSystem.create("streams");
    tcp = Tcp.get(system);
  }

  @AfterEach
  void end() throws Exception {
    system.terminate();
    get(system.getWhenTerminated());
    wire.close();
  }

  @Test
  void largeBodyAndHalfClose() throws Exception {
    byte[] body = Payload.ofSize(Payload.LARGE);
    InetSocketAddress server = serve();
    byte[] echoed =
        get(send(tcp.outgoingConnection(server.getHostString(), server.getPort()), body));
    assertEquals(Payload.checksum(body), Payload.checksum(echoed));
    wire.ringsCarried(1, 2L * body.length);
  }

  @Test
  void fiftyConnectionsAtOnce() throws Exception {
    byte[] body = Payload.ofSize(20_000);
    InetSocketAddress server = serve();
    List<CompletionStage<byte[]>> answers = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      answers.add(send(tcp.outgoingConnection(server.getHostString(), server.getPort()), body));
    }
    for (CompletionStage<byte[]> answer : answers) {
      assertEquals(Payload.checksum(body), Payload.checksum(get(answer)));
    }
    wire.ringsCarried(CONNECTIONS, 2L * CONNECTIONS * body.length);
  }

  @Test
  void largeBodyOverTls() throws Exception {
    byte[] body = Payload.ofSize(Payload.LARGE);
    InetSocketAddress server =
        get(tcp.bindWithTls("127.0.0.1", 0, () -> engine(false))
                .to(Sink.foreach(each -> each.handleWith(Flow.of(ByteString.class), system)))
                .run(system))
            .localAddress();
    CompletableFuture<byte[]> all = new CompletableFuture<>();
    Source.single(ByteString.fromArray(body))
        .concat(Source.<ByteString>maybe())
        .via(tcp.outgoingConnectionWithTls(server, () -> engine(true)))
        .scan(ByteString.emptyByteString(), ByteString::concat)
        .filter(received -> received.size() == body.length)
        .runWith(Sink.head(), system)
        .whenComplete(
            (received, failure) -> {
              if (failure == null) {
                all.complete(received.toArray());
              } else {
                all.completeExceptionally(failure);
              }
            });
    assertEquals(Payload.checksum(body), Payload.checksum(get(all)));
    wire.ringsCarried(1, 2L * body.length);
  }

  private InetSocketAddress serve() throws Exception {
    return get(tcp.bind("127.0.0.1", 0)
            .to(Sink.foreach(each -> each.handleWith(Flow.of(ByteString.class), system)))
            .run(system))
        .localAddress();
  }

  private CompletionStage<byte[]> send(
      Flow<ByteString, ByteString, CompletionStage<Tcp.OutgoingConnection>> connection,
      byte[] body) {
    return Source.single(ByteString.fromArray(body))
        .via(connection)
        .runWith(Sink.fold(ByteString.emptyByteString(), ByteString::concat), system)
        .thenApply(ByteString::toArray);
  }

  private static SSLEngine engine(boolean client) {
    SSLEngine engine = Certificate.get().context().createSSLEngine();
    engine.setUseClientMode(client);
    return engine;
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
