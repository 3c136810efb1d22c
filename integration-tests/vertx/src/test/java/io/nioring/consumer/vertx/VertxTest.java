package io.nioring.consumer.vertx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.nioring.consumer.Certificate;
import io.nioring.consumer.HttpServerContract;
import io.nioring.consumer.Payload;
import io.nioring.consumer.TemporaryDirectory;
import io.nioring.consumer.Wire;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PfxOptions;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

/** Vert.x' servers and clients. */
class VertxTest extends HttpServerContract {
  @Override
  protected Running start() throws Exception {
    return start(new HttpServerOptions());
  }

  @Override
  protected Running startSecure(SSLContext context) throws Exception {
    Certificate certificate = Certificate.get();
    return start(
        new HttpServerOptions()
            .setSsl(true)
            .setKeyCertOptions(
                new PfxOptions()
                    .setPath(certificate.file().toString())
                    .setPassword(Certificate.PASSWORD)));
  }

  private Running start(HttpServerOptions options) throws Exception {
    Vertx vertx = Vertx.vertx();
    HttpServer server =
        vertx
            .createHttpServer(options.setHost("127.0.0.1").setPort(0))
            .requestHandler(this::answer);
    get(server.listen());
    return new Running(server.actualPort(), () -> get(vertx.close()));
  }

  private void answer(HttpServerRequest request) {
    switch (request.path()) {
      case "/small" -> request.response().end(request.query());
      case "/echo" -> request.body().onSuccess(request.response()::end);
      case "/meet" -> meeting().arrive().thenRun(() -> request.response().end("met"));
      default -> throw new IllegalArgumentException("unexpected " + request.path());
    }
  }

  @Test
  void vertxOwnClient() throws Exception {
    Running server = start();
    Vertx vertx = Vertx.vertx();
    HttpClient client = vertx.createHttpClient();
    try (Wire wire = Wire.watch()) {
      byte[] body = Payload.ofSize(Payload.LARGE);
      Buffer echoed =
          get(
              client
                  .request(HttpMethod.POST, server.port(), "127.0.0.1", "/echo")
                  .compose(request -> request.send(Buffer.buffer(body)))
                  .compose(HttpClientResponse::body));
      assertEquals(Payload.checksum(body), Payload.checksum(echoed.getBytes()));
      wire.ringsCarried(1, 2L * body.length);
    } finally {
      get(vertx.close());
      server.end().close();
    }
  }

  @Test
  void streamOverTcp() throws Exception {
    echoStream(SocketAddress.inetSocketAddress(0, "127.0.0.1"));
  }

  @Test
  void streamAtUnixPath() throws Exception {
    Path path = TemporaryDirectory.make().resolve("vertx.socket");
    echoStream(SocketAddress.domainSocketAddress(path.toString()));
    assertFalse(Wire.isRing() && Files.exists(path), "the ring's path became a file");
  }

  /** Sends a large body, gets it back, and closes. */
  private void echoStream(SocketAddress address) throws Exception {
    Vertx vertx = Vertx.vertx();
    var server = vertx.createNetServer().connectHandler(socket -> socket.pipeTo(socket));
    get(server.listen(address));
    SocketAddress target =
        address.isDomainSocket()
            ? address
            : SocketAddress.inetSocketAddress(server.actualPort(), "127.0.0.1");
    var client = vertx.createNetClient();
    try (Wire wire = Wire.watch()) {
      byte[] body = Payload.ofSize(Payload.LARGE);
      NetSocket socket = get(client.connect(target));
      Buffer received = Buffer.buffer();
      CompletableFuture<Buffer> all = new CompletableFuture<>();
      socket.exceptionHandler(all::completeExceptionally);
      socket.handler(
          part -> {
            received.appendBuffer(part);
            if (received.length() == body.length) {
              all.complete(received);
            }
          });
      get(socket.write(Buffer.buffer(body)));
      Buffer echoed = all.get(60, TimeUnit.SECONDS);
      assertEquals(Payload.checksum(body), Payload.checksum(echoed.getBytes()));
      CompletableFuture<Void> closed = new CompletableFuture<>();
      socket.closeHandler(closed::complete);
      get(socket.end());
      closed.get(60, TimeUnit.SECONDS);
      wire.ringsCarried(1, 2L * body.length);
    } finally {
      get(vertx.close());
    }
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
