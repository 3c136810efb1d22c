package io.nioring.consumer.toolkits;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.nioring.consumer.HttpServerContract;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.Connection;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;

/** Reactor Netty's servers and clients. */
class ReactorNettyTest extends HttpServerContract {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  @Override
  protected Running start() {
    return start(HttpServer.create());
  }

  @Override
  protected Running startSecure(SSLContext context) {
    SslContext ssl =
        new JdkSslContext(
            context,
            false,
            null,
            IdentityCipherSuiteFilter.INSTANCE,
            null,
            ClientAuth.NONE,
            null,
            false);
    return start(HttpServer.create().secure(spec -> spec.sslContext(ssl)));
  }

  private Running start(HttpServer server) {
    DisposableServer running =
        server.host("127.0.0.1").port(0).handle(this::answer).bindNow(DEADLINE);
    return new Running(running.port(), () -> running.disposeNow(DEADLINE));
  }

  private Publisher<Void> answer(HttpServerRequest request, HttpServerResponse response) {
    return switch (request.fullPath()) {
      case "/small" -> response.sendString(Mono.just(request.uri().replaceFirst(".*\\?", "")));
      case "/echo" -> response.sendByteArray(request.receive().aggregate().asByteArray());
      case "/meet" -> response.sendString(Mono.fromFuture(meeting().arrive()).thenReturn("met"));
      default -> throw new IllegalArgumentException("unexpected " + request.uri());
    };
  }

  @Test
  void reactorsOwnClient() throws Exception {
    Running server = start();
    try (Wire wire = Wire.watch()) {
      byte[] body = Payload.ofSize(Payload.LARGE);
      byte[] echoed =
          HttpClient.create()
              .post()
              .uri("http://127.0.0.1:" + server.port() + "/echo")
              .send(ByteBufFlux.fromInbound(Mono.just(body)))
              .responseSingle((response, content) -> content.asByteArray())
              .block(DEADLINE);
      assertEquals(Payload.checksum(body), Payload.checksum(echoed));
      wire.ringsCarried(1, 2L * body.length);
    } finally {
      server.end().close();
    }
  }

  @Test
  void streamOverTcp() throws Exception {
    DisposableServer server =
        TcpServer.create()
            .host("127.0.0.1")
            .port(0)
            .handle((in, out) -> out.send(in.receive().retain()))
            .bindNow(DEADLINE);
    byte[] body = Payload.ofSize(Payload.LARGE);
    try (Wire wire = Wire.watch()) {
      Connection client =
          TcpClient.create().host("127.0.0.1").port(server.port()).connectNow(DEADLINE);
      client.outbound().sendByteArray(Mono.just(body)).then().subscribe();
      long[] count = {0};
      byte[] echoed = new byte[body.length];
      client
          .inbound()
          .receive()
          .asByteArray()
          .doOnNext(
              part -> {
                System.arraycopy(part, 0, echoed, (int) count[0], part.length);
                count[0] += part.length;
              })
          .takeUntil(part -> count[0] == body.length)
          .blockLast(DEADLINE);
      assertEquals(Payload.checksum(body), Payload.checksum(echoed));
      wire.ringsCarried(1, 2L * body.length);
      client.disposeNow(DEADLINE);
    } finally {
      server.disposeNow(DEADLINE);
    }
  }
}
