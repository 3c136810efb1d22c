package io.nioring.consumer.simulation;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.nioring.consumer.CurrentNetwork;
import io.nioring.junit.AllowLeaks;
import io.nioring.junit.Host;
import io.nioring.junit.RingNetworkExtension;
import io.nioring.junit.StrictFaults;
import io.nioring.simulation.RingHost;
import io.nioring.simulation.Simulation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The JDK's HTTP client and server on hosts. The client connects on the thread that sends, or on
 * one of its executor's; threads that it makes itself inherit nothing.
 */
@ExtendWith(RingNetworkExtension.class)
@AllowLeaks // before JDK 21 a client cannot be closed
@StrictFaults
class HttpClientTest {
  private static HttpServer serve(RingHost host) throws Exception {
    HttpServer server =
        host.call(() -> HttpServer.create(new InetSocketAddress(host.address(), 80), 0));
    server.setExecutor(host.executor());
    server.createContext("/", HttpClientTest::tellWhoAsks);
    host.run(server::start);
    return server;
  }

  private static void tellWhoAsks(HttpExchange exchange) throws IOException {
    byte[] who = exchange.getRemoteAddress().getAddress().getHostAddress().getBytes(US_ASCII);
    exchange.sendResponseHeaders(200, who.length);
    exchange.getResponseBody().write(who);
    exchange.close();
  }

  private static HttpClient client(RingHost host) throws Exception {
    return host.call(() -> HttpClient.newBuilder().executor(host.executor()).build());
  }

  private static String ask(RingHost host, HttpClient client, RingHost server) throws Exception {
    URI uri = URI.create("http://" + server.address().getHostAddress() + "/");
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).build();
    return host.call(() -> client.send(request, BodyHandlers.ofString()).body());
  }

  @Test
  void aRequestComesFromTheHostThatItIsSentOn(
      Simulation sim, @Host("client") RingHost client, @Host("server") RingHost server)
      throws Exception {
    CurrentNetwork.become(sim.network().provider());
    HttpServer http = serve(server);
    try {
      HttpClient asking = client(client);
      assertEquals(client.address().getHostAddress(), ask(client, asking, server));
      sim.faults().from(client).to(server, 80).resetAfterBytes(20).install(); // of an answer
      assertThrows(IOException.class, () -> ask(client, asking, server));
    } finally {
      http.stop(0);
    }
  }
}
