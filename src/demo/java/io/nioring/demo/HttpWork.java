package io.nioring.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;

/**
 * The JDK's HTTP server, asked by the JDK's HTTP client over kept-alive connections: small GETs,
 * and POSTs whose bodies come back, with a checksum that the server took of what it received.
 */
final class HttpWork {
  private static final int THREADS = 8;
  private static final int GETS_A_THREAD = 100;
  private static final int LARGEST_BODY_BYTES = 2 * 1024 * 1024;
  private static final List<Integer> BODIES_A_THREAD =
      List.of(0, 1, 1_000, 65_536, 300_000, LARGEST_BODY_BYTES);
  private static final byte[] GREETING = "Hello, whoever you are".getBytes(StandardCharsets.UTF_8);
  private static final String CHECKSUM = "X-Checksum";
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final KernelSockets kernelSockets;
  private final HttpClient client;
  private final AtomicLong exchanges = new AtomicLong();
  private final AtomicLong payloadBytes = new AtomicLong();

  private HttpWork(HttpClient client, KernelSockets kernelSockets) {
    this.client = client;
    this.kernelSockets = kernelSockets;
  }

  /** Small requests with small answers; fails unless each answer is what it must be. */
  static Work getSmall(HttpClient client, KernelSockets kernelSockets) throws Exception {
    HttpWork work = new HttpWork(client, kernelSockets);
    return work.run(work::getGreetings);
  }

  /** Bodies there and back; fails unless each arrives whole on both ways. */
  static Work postBodies(HttpClient client, KernelSockets kernelSockets) throws Exception {
    HttpWork work = new HttpWork(client, kernelSockets);
    return work.run(work::postBodies);
  }

  /** What one client thread does. */
  @FunctionalInterface
  private interface Requests {
    void send(URI server, Random random) throws Exception;
  }

  private Work run(Requests requests) throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    HttpServer server = HttpServer.create(new InetSocketAddress(loopback, 0), 0);
    ExecutorService serverThreads = Executors.newFixedThreadPool(THREADS);
    server.setExecutor(serverThreads);
    server.createContext("/greeting", exchange -> answer(exchange, GREETING));
    server.createContext(
        "/echo", exchange -> answer(exchange, exchange.getRequestBody().readAllBytes()));
    server.start();
    try (Workers workers = new Workers(THREADS)) {
      URI uri =
          new URI(
              "http",
              null,
              loopback.getHostAddress(),
              server.getAddress().getPort(),
              "/",
              null,
              null);
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        int seed = thread;
        tasks.add(
            () -> {
              requests.send(uri, new Random(seed));
              return null;
            });
      }
      Stopwatch watch = new Stopwatch();
      workers.runAll(tasks);
      Work done = watch.stop(exchanges.get(), payloadBytes.get());

      kernelSockets.count();
      return done;
    } finally {
      server.stop(0);
      serverThreads.shutdown();
    }
  }

  private static void answer(HttpExchange exchange, byte[] body) throws IOException {
    exchange.getResponseHeaders().set(CHECKSUM, checksum(body));
    exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static String checksum(byte[] body) {
    CRC32 crc = new CRC32();
    crc.update(body);
    return Long.toHexString(crc.getValue());
  }

  private void getGreetings(URI server, Random random) throws Exception {
    HttpRequest get = HttpRequest.newBuilder(server.resolve("/greeting")).timeout(TIMEOUT).build();
    for (int i = 0; i < GETS_A_THREAD; i++) {
      exchange(get, GREETING);
    }
  }

  private void postBodies(URI server, Random random) throws Exception {
    for (int bodyBytes : BODIES_A_THREAD) {
      byte[] body = Payloads.take(bodyBytes, random);
      HttpRequest post =
          HttpRequest.newBuilder(server.resolve("/echo"))
              .timeout(TIMEOUT)
              .POST(BodyPublishers.ofByteArray(body))
              .build();
      exchange(post, body);
      payloadBytes.addAndGet(bodyBytes);
    }
  }

  private void exchange(HttpRequest request, byte[] expected) throws Exception {
    HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
    String checksum = response.headers().firstValue(CHECKSUM).orElse("none");
    if (response.statusCode() != 200
        || !checksum.equals(checksum(expected))
        || !Arrays.equals(response.body(), expected)) {
      throw new IOException(
          String.format(
              "%s: status %d, a body of %d bytes instead of %d, checksum %s instead of %s",
              request,
              response.statusCode(),
              response.body().length,
              expected.length,
              checksum,
              checksum(expected)));
    }
    exchanges.incrementAndGet();
    payloadBytes.addAndGet(expected.length);
  }
}
