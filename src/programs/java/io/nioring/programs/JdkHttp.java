package io.nioring.programs;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The JDK's HTTP server and client over kept-alive connections. */
@SuppressWarnings("FutureReturnValueIgnored") // who waits for the answer notices a failure
final class JdkHttp implements Program.Session {
  private static final byte[] GREETING = "Hello there".getBytes(StandardCharsets.US_ASCII);
  private static final int SERVER_THREADS = 8;

  private final ExecutorService serverThreads = Executors.newFixedThreadPool(SERVER_THREADS);
  private final HttpServer server;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final HttpRequest request;
  private final int outstanding;
  private final int answerBytes;

  private JdkHttp(int outstanding, int bodyBytes) throws IOException {
    this.outstanding = outstanding;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(serverThreads);
    server.createContext("/", JdkHttp::answer);
    server.start();
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.getAddress().getPort()));
    request =
        bodyBytes == 0
            ? builder.build()
            : builder.POST(BodyPublishers.ofByteArray(new byte[bodyBytes])).build();
    answerBytes = bodyBytes == 0 ? GREETING.length : bodyBytes;
  }

  /** With so many requests under way; of 0 bytes are GETs, others POSTs that are echoed. */
  static Program.Session open(int outstanding, int bodyBytes) throws IOException {
    return new JdkHttp(outstanding, bodyBytes);
  }

  private static void answer(HttpExchange exchange) throws IOException {
    byte[] question = exchange.getRequestBody().readAllBytes();
    byte[] answer = question.length == 0 ? GREETING : question;
    exchange.sendResponseHeaders(200, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  @Override
  public void run(Budget budget) throws Exception {
    Outstanding.run(
        budget,
        outstanding,
        (slot, end) ->
            client
                .sendAsync(request, BodyHandlers.ofByteArray())
                .thenAccept(
                    response -> {
                      if (response.body().length != answerBytes) {
                        throw new IllegalStateException("a body of " + response.body().length);
                      }
                    })
                .whenComplete((nothing, failure) -> end.ended(failure)));
  }

  @Override
  public void close() {
    server.stop(0);
    serverThreads.shutdown();
  }
}
