package io.nioring.consumer.toolkits;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.nioring.consumer.HttpServerContract;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.Message;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.impl.bootstrap.AsyncServerBootstrap;
import org.apache.hc.core5.http.impl.bootstrap.HttpAsyncServer;
import org.apache.hc.core5.http.nio.AsyncRequestConsumer;
import org.apache.hc.core5.http.nio.AsyncServerRequestHandler;
import org.apache.hc.core5.http.nio.entity.BasicAsyncEntityConsumer;
import org.apache.hc.core5.http.nio.ssl.BasicServerTlsStrategy;
import org.apache.hc.core5.http.nio.support.AsyncResponseBuilder;
import org.apache.hc.core5.http.nio.support.BasicRequestConsumer;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.ListenerEndpoint;
import org.apache.hc.core5.util.TimeValue;

/** The asynchronous server of HttpComponents' core. */
class HttpComponentsServerTest extends HttpServerContract {
  @Override
  protected Running start() throws Exception {
    return start(bootstrap(), URIScheme.HTTP);
  }

  @Override
  protected Running startSecure(SSLContext context) throws Exception {
    return start(bootstrap().setTlsStrategy(new BasicServerTlsStrategy(context)), URIScheme.HTTPS);
  }

  private AsyncServerBootstrap bootstrap() {
    Answers answers = new Answers();
    return AsyncServerBootstrap.bootstrap()
        .setCanonicalHostName("127.0.0.1")
        .register("*", answers)
        .register("localhost", "*", answers);
  }

  private static Running start(AsyncServerBootstrap bootstrap, URIScheme scheme) throws Exception {
    HttpAsyncServer server = bootstrap.create();
    server.start();
    ListenerEndpoint endpoint =
        server.listen(new InetSocketAddress("127.0.0.1", 0), scheme).get(60, TimeUnit.SECONDS);
    int port = ((InetSocketAddress) endpoint.getAddress()).getPort();
    return new Running(
        port,
        () -> {
          server.close(CloseMode.GRACEFUL);
          server.awaitShutdown(TimeValue.ofSeconds(60));
        });
  }

  /** Answers the requests of the contract. */
  private final class Answers implements AsyncServerRequestHandler<Message<HttpRequest, byte[]>> {
    @Override
    public AsyncRequestConsumer<Message<HttpRequest, byte[]>> prepare(
        HttpRequest request, EntityDetails entity, HttpContext context) {
      return new BasicRequestConsumer<>(entity == null ? null : new BasicAsyncEntityConsumer());
    }

    @Override
    public void handle(
        Message<HttpRequest, byte[]> message, ResponseTrigger trigger, HttpContext context) {
      String path = message.getHead().getPath();
      switch (path.replaceFirst("\\?.*", "")) {
        case "/small" ->
            answer(trigger, context, path.replaceFirst(".*\\?", "").getBytes(US_ASCII));
        case "/echo" -> answer(trigger, context, message.getBody());
        case "/meet" ->
            meeting().arrive().thenRun(() -> answer(trigger, context, "met".getBytes(US_ASCII)));
        default -> throw new IllegalArgumentException("unexpected " + path);
      }
    }

    private static void answer(ResponseTrigger trigger, HttpContext context, byte[] body) {
      try {
        trigger.submitResponse(
            AsyncResponseBuilder.create(200)
                .setEntity(body, ContentType.APPLICATION_OCTET_STREAM)
                .build(),
            context);
      } catch (HttpException | IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
