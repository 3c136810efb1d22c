package io.nioring.consumer.protocols;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nioring.RingSelectorProvider;
import io.nioring.consumer.Certificate;
import io.nioring.consumer.Loopback;
import io.nioring.consumer.Meeting;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.io.Closeable;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.mockwebserver.Dispatcher;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import okhttp3.mockwebserver.RecordedRequest;
import org.junit.jupiter.api.Test;

/**
 * OkHttp and its server for tests, which stand on sockets: by socket factories those are channels',
 * below {@code SSLSocket} too.
 */
class OkHttpTest {
  private static final int CONNECTIONS = 50;

  private final Meeting meeting = new Meeting(CONNECTIONS, () -> {});

  @Test
  void http1() throws Exception {
    requests(false, Protocol.HTTP_1_1);
  }

  @Test
  void http1OverTls() throws Exception {
    requests(true, Protocol.HTTP_1_1);
  }

  @Test
  void http2OverTls() throws Exception {
    requests(true, Protocol.HTTP_2);
  }

  /** The file is what the pictures of the guide are made from. */
  @Test
  void http2WithoutTlsIsCaptured() throws Exception {
    Path file = Path.of("target", "http2.pcapng");
    if (SelectorProvider.provider() instanceof RingSelectorProvider rings) {
      try (Closeable capture = rings.network().capture(file)) {
        requests(false, Protocol.H2_PRIOR_KNOWLEDGE);
      }
      String all = Files.readString(file, StandardCharsets.ISO_8859_1);
      assertTrue(all.contains("PRI * HTTP/2.0"));
    } else {
      requests(false, Protocol.H2_PRIOR_KNOWLEDGE);
    }
  }

  @Test
  void fiftyConnectionsAtOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS);
    try (Wire wire = Wire.watch();
        MockWebServer server = start(false, Protocol.HTTP_1_1)) {
      OkHttpClient client = client(false, Protocol.HTTP_1_1);
      Callable<String> meet = () -> new String(get(client, server, "/meet"));
      List<Future<String>> answers = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        answers.add(threads.submit(meet));
      }
      for (Future<String> answer : answers) {
        assertEquals("met", answer.get(60, TimeUnit.SECONDS));
      }
      wire.ringsCarried(CONNECTIONS, CONNECTIONS * 50L);
      client.connectionPool().evictAll();
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void readTimesOut() throws Exception {
    try (Wire wire = Wire.watch();
        MockWebServer server = start(false, Protocol.HTTP_1_1)) {
      OkHttpClient client =
          client(false, Protocol.HTTP_1_1)
              .newBuilder()
              .readTimeout(Duration.ofMillis(200))
              .retryOnConnectionFailure(false)
              .build();
      assertThrows(SocketTimeoutException.class, () -> get(client, server, "/never"));
      wire.ringsCarried(1, 20);
    }
  }

  private void requests(boolean tls, Protocol protocol) throws Exception {
    try (Wire wire = Wire.watch();
        MockWebServer server = start(tls, protocol)) {
      OkHttpClient client = client(tls, protocol);
      for (int i = 0; i < 100; i++) {
        assertEquals("no" + i, new String(get(client, server, "/small?no" + i)));
      }
      byte[] body = Payload.ofSize(Payload.LARGE);
      Request request =
          new Request.Builder().url(server.url("/echo")).post(RequestBody.create(body)).build();
      try (Response response = client.newCall(request).execute()) {
        assertEquals(protocol, response.protocol());
        assertArrayEquals(body, response.body().bytes());
      }
      wire.ringsCarried(1, 2L * body.length);
      client.connectionPool().evictAll();
    }
  }

  private static byte[] get(OkHttpClient client, MockWebServer server, String path)
      throws IOException {
    Request request = new Request.Builder().url(server.url(path)).build();
    try (Response response = client.newCall(request).execute()) {
      return response.body().bytes();
    }
  }

  private static OkHttpClient client(boolean tls, Protocol protocol) throws Exception {
    OkHttpClient.Builder client =
        new OkHttpClient.Builder()
            .socketFactory(new ChannelSocketFactory())
            .callTimeout(Duration.ofSeconds(60))
            .readTimeout(Duration.ofSeconds(60))
            .protocols(protocols(protocol));
    if (tls) {
      SSLContext context = Certificate.get().context();
      client.sslSocketFactory(context.getSocketFactory(), trust());
    }
    return client.build();
  }

  private static X509TrustManager trust() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = new FileInputStream(Certificate.get().file().toFile())) {
      store.load(in, Certificate.PASSWORD.toCharArray());
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return (X509TrustManager) factory.getTrustManagers()[0];
  }

  private MockWebServer start(boolean tls, Protocol protocol) throws IOException {
    MockWebServer server = new MockWebServer();
    server.setServerSocketFactory(new ChannelServerSocketFactory());
    server.setProtocols(protocols(protocol));
    if (tls) {
      server.useHttps(Certificate.get().context().getSocketFactory(), false);
    }
    server.setDispatcher(new Answers());
    server.start(Loopback.address(), 0);
    return server;
  }

  private static List<Protocol> protocols(Protocol first) {
    return first == Protocol.HTTP_2 ? List.of(first, Protocol.HTTP_1_1) : List.of(first);
  }

  /** Answers by path. */
  private final class Answers extends Dispatcher {
    @Override
    public MockResponse dispatch(RecordedRequest request) {
      String path = request.getPath();
      return switch (path.replaceFirst("\\?.*", "")) {
        case "/small" -> new MockResponse().setBody(path.replaceFirst(".*\\?", ""));
        case "/echo" -> new MockResponse().setBody(request.getBody());
        case "/meet" -> {
          meeting.arrive().join();
          yield new MockResponse().setBody("met");
        }
        default -> new MockResponse().setHeadersDelay(5, TimeUnit.SECONDS);
      };
    }
  }

  /** Makes server sockets that are channels'. */
  private static final class ChannelServerSocketFactory extends ServerSocketFactory {
    @Override
    public ServerSocket createServerSocket() throws IOException {
      return ServerSocketChannel.open().socket();
    }

    @Override
    public ServerSocket createServerSocket(int port) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog, InetAddress address) {
      throw new UnsupportedOperationException();
    }
  }
}
