package io.nioring.consumer.sockets;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.nioring.consumer.Certificate;
import io.nioring.consumer.Loopback;
import io.nioring.consumer.Meeting;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.mockwebserver.Dispatcher;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import okhttp3.mockwebserver.RecordedRequest;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Clients of HTTP on plain sockets as they are, without a factory of ours: at MockWebServer, which
 * is on plain sockets too, and at the JDK's server, which is on channels.
 */
class HttpTest {
  private static final int REQUESTS = 50;
  private static final int CONNECTIONS = 20;
  private static final byte[] LARGE = Payload.ofSize(2_000_000);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private Wire wire;
  private Meeting meeting;

  @BeforeEach
  void watch() {
    wire = Wire.watch();
    meeting = new Meeting(CONNECTIONS, wire::noKernelConnections);
  }

  @AfterEach
  void endWatch() throws InterruptedException {
    threads.shutdownNow();
    wire.close();
  }

  /** One request with a body, which comes back. */
  private interface Client {
    byte[] post(String url, byte[] body) throws Exception;
  }

  @Test
  void okHttp() throws Exception {
    OkHttpClient client = okHttp(false);
    try (MockWebServer server = mock(false)) {
      work((url, body) -> post(client, url, body), server.url("/").toString());
      client.connectionPool().evictAll();
    }
  }

  @Test
  void okHttpOverTls() throws Exception {
    OkHttpClient client = okHttp(true);
    try (MockWebServer server = mock(true)) {
      work((url, body) -> post(client, url, body), server.url("/").toString());
      client.connectionPool().evictAll();
    }
  }

  @Test
  void classicHttpComponents() throws Exception {
    HttpServer server = jdk(false);
    try (CloseableHttpClient client = httpComponents()) {
      work((url, body) -> post(client, url, body), "http://" + host(server));
    } finally {
      server.stop(0);
    }
  }

  @Test
  void classicHttpComponentsOverTls() throws Exception {
    HttpServer server = jdk(true);
    try (CloseableHttpClient client = httpComponents()) {
      work((url, body) -> post(client, url, body), "https://" + host(server));
    } finally {
      server.stop(0);
    }
  }

  @Test
  void httpUrlConnection() throws Exception {
    HttpServer server = jdk(false);
    try {
      work(HttpTest::post, "http://" + host(server));
    } finally {
      server.stop(0);
    }
  }

  @Test
  void httpUrlConnectionOverTls() throws Exception {
    HttpServer server = jdk(true);
    try {
      work(HttpTest::post, "https://" + host(server));
    } finally {
      server.stop(0);
    }
  }

  private void work(Client client, String url) throws Exception {
    for (int i = 0; i < REQUESTS; i++) {
      byte[] small = ("no" + i).getBytes(US_ASCII);
      assertArrayEquals(small, client.post(url, small));
    }
    assertArrayEquals(LARGE, client.post(url, LARGE));
    List<Future<byte[]>> answers = new ArrayList<>();
    Callable<byte[]> meet = () -> client.post(url + "/meet", new byte[] {1});
    for (int i = 0; i < CONNECTIONS; i++) {
      answers.add(threads.submit(meet));
    }
    for (Future<byte[]> answer : answers) {
      assertEquals(1, answer.get(60, TimeUnit.SECONDS).length);
    }
    wire.ringsCarried(CONNECTIONS, 2L * LARGE.length);
  }

  private static byte[] post(OkHttpClient client, String url, byte[] body) throws IOException {
    Request request = new Request.Builder().url(url).post(RequestBody.create(body)).build();
    try (Response response = client.newCall(request).execute()) {
      return response.body().bytes();
    }
  }

  private static byte[] post(CloseableHttpClient client, String url, byte[] body)
      throws IOException {
    HttpPost request = new HttpPost(url);
    request.setEntity(new ByteArrayEntity(body, ContentType.APPLICATION_OCTET_STREAM));
    return client.execute(request, response -> EntityUtils.toByteArray(response.getEntity()));
  }

  private static byte[] post(String url, byte[] body) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
    if (connection instanceof HttpsURLConnection secure) {
      secure.setSSLSocketFactory(Certificate.get().context().getSocketFactory());
    }
    connection.setReadTimeout(60_000);
    connection.setDoOutput(true);
    connection.setFixedLengthStreamingMode(body.length);
    try (OutputStream out = connection.getOutputStream()) {
      out.write(body);
    }
    try (InputStream in = connection.getInputStream()) {
      return in.readAllBytes();
    }
  }

  private static OkHttpClient okHttp(boolean tls) throws Exception {
    OkHttpClient.Builder client =
        new OkHttpClient.Builder()
            .callTimeout(Duration.ofSeconds(60))
            .readTimeout(Duration.ofSeconds(60));
    if (tls) {
      client.sslSocketFactory(Certificate.get().context().getSocketFactory(), trust());
    }
    return client.build();
  }

  private static X509TrustManager trust() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(Certificate.get().file())) {
      store.load(in, Certificate.PASSWORD.toCharArray());
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return (X509TrustManager) factory.getTrustManagers()[0];
  }

  private static CloseableHttpClient httpComponents() {
    PoolingHttpClientConnectionManager connections =
        PoolingHttpClientConnectionManagerBuilder.create()
            .setMaxConnPerRoute(CONNECTIONS)
            .setMaxConnTotal(CONNECTIONS)
            .setTlsSocketStrategy(new DefaultClientTlsStrategy(Certificate.get().context()))
            .build();
    return HttpClients.custom().setConnectionManager(connections).build();
  }

  private MockWebServer mock(boolean tls) throws IOException {
    MockWebServer server = new MockWebServer();
    if (tls) {
      server.useHttps(Certificate.get().context().getSocketFactory(), false);
    }
    server.setProtocols(List.of(okhttp3.Protocol.HTTP_1_1)); // a connection each that meets
    server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            meetIf(request.getPath());
            return new MockResponse().setBody(request.getBody());
          }
        });
    server.start(Loopback.address(), 0);
    return server;
  }

  private HttpServer jdk(boolean tls) throws IOException {
    InetSocketAddress address = new InetSocketAddress(Loopback.address(), 0);
    HttpServer server;
    if (tls) {
      SSLContext context = Certificate.get().context();
      HttpsServer secure = HttpsServer.create(address, 0);
      secure.setHttpsConfigurator(new HttpsConfigurator(context));
      server = secure;
    } else {
      server = HttpServer.create(address, 0);
    }
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          meetIf(exchange.getRequestURI().getPath());
          exchange.sendResponseHeaders(200, body.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
          }
        });
    server.start();
    return server;
  }

  private void meetIf(String path) {
    if (path.endsWith("/meet")) {
      meeting.arrive().join();
    }
  }

  private static String host(HttpServer server) {
    return Loopback.URL_HOST + ":" + server.getAddress().getPort();
  }
}
