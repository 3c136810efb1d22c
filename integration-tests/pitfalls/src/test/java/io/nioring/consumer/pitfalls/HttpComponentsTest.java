package io.nioring.consumer.pitfalls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpServer;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ContentType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The asynchronous client of HttpComponents, which is particular about options. */
class HttpComponentsTest {
  private static final int CONNECTIONS = 50;

  private final ExecutorService executor = Executors.newCachedThreadPool();
  private HttpServer server;
  private Wire wire;

  @BeforeEach
  void start() throws Exception {
    wire = Wire.watch();
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 100);
    server.setExecutor(executor);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    wire.close();
    server.stop(0);
    executor.shutdownNow();
  }

  @Test
  void requestsAreAnswered() throws Exception {
    try (CloseableHttpAsyncClient client =
        HttpAsyncClients.custom()
            .setConnectionManager(
                PoolingAsyncClientConnectionManagerBuilder.create()
                    .setMaxConnPerRoute(CONNECTIONS)
                    .setMaxConnTotal(CONNECTIONS)
                    .build())
            .build()) {
      client.start();
      for (int i = 0; i < 100; i++) {
        assertEquals("no" + i, get(send(client, ("no" + i).getBytes(US_ASCII))).getBodyText());
      }
      byte[] body = Payload.ofSize(Payload.LARGE);
      byte[] echoed = get(send(client, body)).getBodyBytes();
      assertEquals(Payload.checksum(body), Payload.checksum(echoed));
      List<Future<SimpleHttpResponse>> responses = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        responses.add(send(client, new byte[1_000]));
      }
      for (Future<SimpleHttpResponse> response : responses) {
        assertEquals(1_000, get(response).getBodyBytes().length);
      }
    }
    wire.ringsCarried(1, 2L * Payload.LARGE);
  }

  private Future<SimpleHttpResponse> send(CloseableHttpAsyncClient client, byte[] body) {
    SimpleHttpRequest request =
        SimpleRequestBuilder.post("http://127.0.0.1:" + server.getAddress().getPort() + "/")
            .setBody(body, ContentType.create("text/plain", US_ASCII))
            .build();
    return client.execute(request, null);
  }

  private static SimpleHttpResponse get(Future<SimpleHttpResponse> response) throws Exception {
    return response.get(60, TimeUnit.SECONDS);
  }
}
