package io.nioring.consumer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What an HTTP server has to do over rings, with the JDK's {@link HttpClient} at the other end.
 *
 * <p>The server under test answers, at a free port of 127.0.0.1: {@code GET /small?TEXT} with the
 * text, {@code POST /echo} with the body that it was sent, and {@code GET /meet} with "met" once
 * {@link #meeting()} is complete.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class HttpServerContract {
  private static final Duration DEADLINE = Duration.ofSeconds(100);
  private static final int CONNECTIONS = 50;
  private static final int SMALL_REQUESTS = 300;

  /** A server that runs, with how to end it. */
  public record Running(int port, AutoCloseable end) {}

  private Running plain;
  private Running secure;
  private Wire wire;
  private volatile Meeting meeting;

  /** Starts the server. */
  protected abstract Running start() throws Exception;

  /** Starts the server with TLS. */
  protected abstract Running startSecure(SSLContext context) throws Exception;

  /** The client under test. */
  protected HttpClient.Builder client() {
    return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
  }

  /** Where the requests to {@code /meet} wait. */
  protected final Meeting meeting() {
    return meeting;
  }

  @BeforeEach
  final void watch() {
    wire = Wire.watch();
    meeting = new Meeting(CONNECTIONS, wire::noKernelConnections);
  }

  @AfterEach
  final void endWatch() throws Exception {
    wire.close();
  }

  @AfterAll
  final void end() throws Exception {
    if (plain != null) {
      plain.end().close();
    }
    if (secure != null) {
      secure.end().close();
    }
  }

  @Test
  final void smallRequestsShareOneConnection() throws Exception {
    HttpClient client = client().build();
    for (int i = 0; i < SMALL_REQUESTS; i++) {
      assertEquals("no" + i, get(client, plain("/small?no" + i)));
    }
    wire.ringsCarried(1, SMALL_REQUESTS * 50L);
    assertTrue(wire.connections() <= 1, () -> wire.connections() + " connections");
  }

  @Test
  final void largeBodyGoesBothWays() throws Exception {
    echoBody(client().build(), plain("/echo"), Payload.LARGE);
    wire.ringsCarried(1, 2L * Payload.LARGE);
  }

  @Test
  final void fiftyConnectionsAtOnce() throws Exception {
    HttpRequest request = request(plain("/meet"));
    for (CompletableFuture<HttpResponse<String>> response :
        send(client().build(), request, CONNECTIONS)) {
      assertEquals("met", response.get(DEADLINE.toSeconds(), TimeUnit.SECONDS).body());
    }
    wire.ringsCarried(CONNECTIONS, CONNECTIONS * 50L);
  }

  @Test
  final void requestOfHalfClosedConnectionIsAnswered() throws Exception {
    try (SocketChannel channel = SocketChannel.open()) {
      channel.connect(new InetSocketAddress("127.0.0.1", plain("/").getPort()));
      String request = "GET /small?half HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      channel.write(ByteBuffer.wrap(request.getBytes(US_ASCII)));
      channel.shutdownOutput();
      String response = readToEnd(channel);
      assertTrue(response.startsWith("HTTP/1.1 200"), response);
      assertTrue(response.contains("half"), response);
    }
    wire.ringsCarried(1, 100);
  }

  @Test
  final void requestsAreServedOverTls() throws Exception {
    HttpClient client = client().sslContext(Certificate.get().context()).build();
    for (int i = 0; i < 20; i++) {
      assertEquals("no" + i, get(client, secure("/small?no" + i)));
    }
    echoBody(client, secure("/echo"), Payload.LARGE);
    wire.ringsCarried(1, 2L * Payload.LARGE);
  }

  @Test
  final void connectionsOverTlsAtOnce() throws Exception {
    HttpClient client = client().sslContext(Certificate.get().context()).build();
    HttpRequest request = request(secure("/small?tls"));
    for (CompletableFuture<HttpResponse<String>> response : send(client, request, 8)) {
      assertEquals("tls", response.get(DEADLINE.toSeconds(), TimeUnit.SECONDS).body());
    }
    wire.ringsCarried(1, 8 * 50);
  }

  private URI plain(String path) throws Exception {
    if (plain == null) {
      plain = start();
    }
    return URI.create("http://127.0.0.1:" + plain.port() + path);
  }

  private URI secure(String path) throws Exception {
    if (secure == null) {
      secure = startSecure(Certificate.get().context());
    }
    return URI.create("https://127.0.0.1:" + secure.port() + path);
  }

  private static String get(HttpClient client, URI uri) throws Exception {
    HttpResponse<String> response = client.send(request(uri), HttpResponse.BodyHandlers.ofString());
    assertEquals(200, response.statusCode());
    return response.body();
  }

  private static void echoBody(HttpClient client, URI uri, int size) throws Exception {
    byte[] body = Payload.ofSize(size);
    HttpResponse<byte[]> response =
        client.send(
            HttpRequest.newBuilder(uri)
                .timeout(DEADLINE)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    assertEquals(200, response.statusCode());
    assertEquals(body.length, response.body().length);
    assertEquals(Payload.checksum(body), Payload.checksum(response.body()));
  }

  private static HttpRequest request(URI uri) {
    return HttpRequest.newBuilder(uri).timeout(DEADLINE).build();
  }

  private static List<CompletableFuture<HttpResponse<String>>> send(
      HttpClient client, HttpRequest request, int times) {
    return IntStream.range(0, times)
        .mapToObj(i -> client.sendAsync(request, HttpResponse.BodyHandlers.ofString()))
        .toList();
  }

  private static String readToEnd(SocketChannel channel) throws IOException {
    ByteArrayOutputStream received = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    while (channel.read(buffer) >= 0) {
      received.write(buffer.array(), 0, buffer.position());
      buffer.clear();
    }
    return received.toString(US_ASCII);
  }
}
