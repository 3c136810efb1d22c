package io.nioring.consumer.servers;

import io.nioring.consumer.HttpServerContract;
import io.nioring.consumer.Payload;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.BlockingHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/** Undertow, on XNIO: everything on its own event loops. */
class UndertowTest extends HttpServerContract {
  @Override
  protected Running start() throws Exception {
    return start(Undertow.builder().addHttpListener(0, "127.0.0.1"));
  }

  @Override
  protected Running startSecure(SSLContext context) throws Exception {
    return start(Undertow.builder().addHttpsListener(0, "127.0.0.1", context));
  }

  private Running start(Undertow.Builder builder) {
    Undertow undertow =
        builder
            .setIoThreads(2)
            .setWorkerThreads(60)
            .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, 2L * Payload.LARGE)
            .setHandler(new BlockingHandler(this::answer))
            .build();
    undertow.start();
    InetSocketAddress address = (InetSocketAddress) undertow.getListenerInfo().get(0).getAddress();
    return new Running(address.getPort(), undertow::stop);
  }

  private void answer(HttpServerExchange exchange) throws Exception {
    byte[] body = exchange.getInputStream().readAllBytes();
    switch (exchange.getRequestPath()) {
      case "/small" -> exchange.getResponseSender().send(exchange.getQueryString());
      case "/echo" -> exchange.getResponseSender().send(ByteBuffer.wrap(body));
      case "/meet" -> {
        meeting().arrive().get(60, TimeUnit.SECONDS);
        exchange.getResponseSender().send("met", StandardCharsets.US_ASCII);
      }
      default -> throw new IOException("unexpected " + exchange.getRequestPath());
    }
  }
}
