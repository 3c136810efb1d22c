package io.nioring.hybrid;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Requests of several threads, each with a body of its own that has to come back. */
final class Load {
  /** How many threads ask, each over a connection of its own at a time. */
  static final int THREADS = 4;

  /** How many requests each of them makes, the first to {@code /meet}. */
  static final int REQUESTS = 100;

  private static final Duration WAIT = Duration.ofSeconds(60);

  /** One thread's way to the server. */
  interface Client extends AutoCloseable {
    byte[] exchange(String path, byte[] body) throws Exception;

    @Override
    default void close() throws IOException {}
  }

  /** Makes the clients, in the threads that use them. */
  interface Clients {
    Client open() throws IOException;
  }

  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  private final List<Future<?>> asking = new ArrayList<>();

  private Load() {}

  /** Starts to ask the server at a port of the loopback address. */
  static Load ofPort(int port, String from) {
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY)
            .build();
    return start(from, () -> (path, body) -> exchange(client, port, from, path, body));
  }

  private static byte[] exchange(HttpClient client, int port, String from, String path, byte[] body)
      throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(WAIT)
            .header("Place", from)
            .header("Checksum", Served.checksum(body))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
    assertThat(response.statusCode()).isEqualTo(200);
    return response.body();
  }

  /** Starts to ask the server at a path. */
  static Load ofPath(Path socket, String from) {
    return start(from, () -> unixClient(socket, from));
  }

  private static Client unixClient(Path socket, String from) throws IOException {
    SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    HttpConnection connection = new HttpConnection(channel);
    return new Client() {
      @Override
      public byte[] exchange(String path, byte[] body) throws IOException {
        connection.send(
            "POST " + path + " HTTP/1.1",
            Map.of("host", "localhost", "place", from, "checksum", Served.checksum(body)),
            body);
        HttpConnection.Message response = connection.receive();
        assertThat(response.startLine()).isEqualTo("HTTP/1.1 200 OK");
        return response.body();
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }

  private static Load start(String from, Clients clients) {
    Load load = new Load();
    for (int i = 0; i < THREADS; i++) {
      int thread = i;
      load.asking.add(
          load.threads.submit(
              () -> {
                ask(clients, from, thread);
                return null;
              }));
    }
    load.threads.shutdown();
    return load;
  }

  private static void ask(Clients clients, String from, int thread) throws Exception {
    try (Client client = clients.open()) {
      for (int i = 0; i < REQUESTS; i++) {
        byte[] body = body(from, thread, i);
        byte[] answer = client.exchange(i == 0 ? "/meet" : "/echo", body);
        assertThat(answer).as("%s, thread %d, request %d", from, thread, i).isEqualTo(body);
      }
    }
  }

  /** A body that no other request has: small ones, and now and then one of some 100 KB. */
  static byte[] body(String from, int thread, int number) {
    Random random = new Random((from + thread + "/" + number).hashCode());
    byte[] body = new byte[random.nextInt(number % 10 == 9 ? 300_000 : 5_000)];
    random.nextBytes(body);
    return body;
  }

  /** Waits until all answers are there and right. */
  void await() throws Exception {
    for (Future<?> each : asking) {
      each.get(WAIT.toSeconds(), TimeUnit.SECONDS);
    }
  }
}
