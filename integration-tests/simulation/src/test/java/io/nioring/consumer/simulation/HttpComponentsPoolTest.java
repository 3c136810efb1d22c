package io.nioring.consumer.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.nioring.consumer.CurrentNetwork;
import io.nioring.junit.AllowLeaks;
import io.nioring.junit.RingNetworkExtension;
import io.nioring.junit.StrictFaults;
import io.nioring.simulation.RingHost;
import io.nioring.simulation.Simulation;
import io.nioring.simulation.SimulationConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Connections that Apache HttpClient keeps alive, and that end or fall silent in its pool. */
@StrictFaults
@AllowLeaks // of HttpClient: it asks sockets for their options, and leaves them to the collector
@org.junit.jupiter.api.Timeout(60)
class HttpComponentsPoolTest {
  @RegisterExtension
  static final RingNetworkExtension NETWORK =
      RingNetworkExtension.with(SimulationConfig.builder().build());

  private static final int PORT = 80;
  private static final int TIMEOUT_MILLIS = 300;

  private final List<String> requests = new CopyOnWriteArrayList<>();
  private RingHost host;
  private RingHost shop;
  private HttpServer server;
  private CloseableHttpClient client;

  @BeforeAll
  static void installSockets(Simulation sim) {
    CurrentNetwork.become(sim.network().provider());
    sim.network().installSockets();
  }

  @BeforeEach
  void start(Simulation sim, TestInfo test) throws Exception {
    host = sim.host("client of " + test.getDisplayName());
    shop = sim.host("shop of " + test.getDisplayName());
    server = shop.call(() -> HttpServer.create(new InetSocketAddress(shop.address(), PORT), 0));
    server.setExecutor(shop.executor());
    server.createContext("/", this::answer);
    shop.run(server::start);
    client = host.call(HttpComponentsPoolTest::client);
  }

  /** One that uses a connection again without a look at it, however long it was idle. */
  private static CloseableHttpClient client() {
    ConnectionConfig config =
        ConnectionConfig.custom().setValidateAfterInactivity(TimeValue.NEG_ONE_MILLISECOND).build();
    return HttpClients.custom()
        .setConnectionManager(
            PoolingHttpClientConnectionManagerBuilder.create()
                .setDefaultConnectionConfig(config)
                .build())
        .build();
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    requests.add(exchange.getRequestMethod());
    exchange.sendResponseHeaders(200, 2);
    exchange.getResponseBody().write(new byte[] {'o', 'k'});
    exchange.close();
  }

  private String send(ClassicHttpRequest request) throws Exception {
    return host.call(
        () -> client.execute(request, answer -> EntityUtils.toString(answer.getEntity())));
  }

  private String uri() {
    return "http://" + shop.address().getHostAddress() + "/";
  }

  /** The first connection ends behind its first answer, when it is back in the pool. */
  private void endInThePool(Simulation sim) throws Exception {
    assertEquals("ok", send(new HttpGet(uri())));
    sim.faults().from(host).to(shop, PORT).connection(1).closeAfterBytes(0).install();
  }

  @Test
  void aGetIsSentAgainOnAFreshConnection(Simulation sim) throws Exception {
    endInThePool(sim);
    assertEquals("ok", send(new HttpGet(uri())));
    assertEquals(List.of("GET", "GET"), requests);
  }

  @Test
  void aPostIsNot(Simulation sim) throws Exception {
    endInThePool(sim);
    assertThrows(NoHttpResponseException.class, () -> send(new HttpPost(uri())));
    assertEquals("ok", send(new HttpPost(uri())));
    assertEquals(List.of("GET", "POST"), requests);
  }

  @Test
  void aSilentConnectionIsGivenUpInTime(Simulation sim) throws Exception {
    assertEquals("ok", send(new HttpGet(uri())));
    sim.faults().from(host).to(shop, PORT).connection(1).halfOpen().install();
    HttpPost impatient = new HttpPost(uri());
    impatient.setConfig(
        RequestConfig.custom().setResponseTimeout(Timeout.ofMilliseconds(TIMEOUT_MILLIS)).build());
    assertThrows(SocketTimeoutException.class, () -> send(impatient));
    assertEquals("ok", send(new HttpPost(uri())));
    assertEquals(List.of("GET", "POST"), requests);
  }
}
