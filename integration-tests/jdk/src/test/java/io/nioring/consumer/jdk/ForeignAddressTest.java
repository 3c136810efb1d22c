package io.nioring.consumer.jdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpServer;
import io.nioring.consumer.Wire;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

/** An address that this machine does not have: a server there is reached in mode ring alone. */
class ForeignAddressTest {
  @Test
  void serverIsReachedInModeRing() throws Exception {
    InetSocketAddress address = new InetSocketAddress("198.51.100.7", 80);
    if (!Wire.isRing()) {
      assertThrows(BindException.class, () -> HttpServer.create(address, 0));
      return;
    }
    HttpServer server = HttpServer.create(address, 0);
    server.createContext("/", exchange -> exchange.sendResponseHeaders(204, -1));
    server.start();
    try (Wire wire = Wire.watch()) {
      HttpResponse<Void> response =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create("http://198.51.100.7/")).build(),
                  HttpResponse.BodyHandlers.discarding());
      assertEquals(204, response.statusCode());
      wire.ringsCarried(1, 50);
    } finally {
      server.stop(0);
    }
  }
}
