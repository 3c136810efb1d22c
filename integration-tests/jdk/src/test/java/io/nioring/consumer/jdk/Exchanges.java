package io.nioring.consumer.jdk;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.nioring.consumer.Meeting;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Answers the requests of the contract on the JDK's server. */
final class Exchanges implements HttpHandler {
  private static final int PART = 64 * 1024;

  private final Supplier<Meeting> meeting;

  Exchanges(Supplier<Meeting> meeting) {
    this.meeting = meeting;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = body(exchange);
      byte[] answer =
          switch (exchange.getRequestURI().getPath()) {
            case "/small" -> exchange.getRequestURI().getQuery().getBytes(US_ASCII);
            case "/echo" -> body;
            case "/meet" -> met();
            default -> throw new IOException("unexpected " + exchange.getRequestURI());
          };
      exchange.sendResponseHeaders(200, answer.length);
      OutputStream out = exchange.getResponseBody();
      for (int at = 0; at < answer.length; at += PART) {
        out.write(answer, at, Math.min(PART, answer.length - at));
      }
    }
  }

  /**
   * The body of the request; its length was announced, so that it takes no more memory than that.
   */
  private static byte[] body(HttpExchange exchange) throws IOException {
    String length = exchange.getRequestHeaders().getFirst("Content-Length");
    byte[] body = new byte[length == null ? 0 : Integer.parseInt(length)];
    exchange.getRequestBody().readNBytes(body, 0, body.length);
    return body;
  }

  private byte[] met() throws IOException {
    try {
      meeting.get().arrive().get(60, TimeUnit.SECONDS);
      return "met".getBytes(US_ASCII);
    } catch (Exception e) {
      throw new IOException(e);
    }
  }
}
