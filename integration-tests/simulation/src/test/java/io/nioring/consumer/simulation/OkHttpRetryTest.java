package io.nioring.consumer.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nioring.junit.Host;
import io.nioring.junit.RingNetworkExtension;
import io.nioring.junit.SeededTest;
import io.nioring.simulation.Fault;
import io.nioring.simulation.RingHost;
import io.nioring.simulation.Simulation;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import javax.net.SocketFactory;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Retries around OkHttp that order twice, and such that do not. */
@ExtendWith(RingNetworkExtension.class)
class OkHttpRetryTest {
  private static final int TRIES = 3;

  /** Plain sockets of a host: those of its channels. */
  private static final class HostSockets extends SocketFactory {
    private final RingHost host;

    HostSockets(RingHost host) {
      this.host = host;
    }

    @Override
    public Socket createSocket() throws IOException {
      return host.provider().openSocketChannel().socket();
    }

    @Override
    public Socket createSocket(String name, int port) {
      throw new UnsupportedOperationException("OkHttp connects its sockets itself");
    }

    @Override
    public Socket createSocket(String name, int port, InetAddress local, int localPort) {
      return createSocket(name, port);
    }

    @Override
    public Socket createSocket(InetAddress address, int port) {
      return createSocket(address.getHostName(), port);
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress local, int localPort) {
      return createSocket(address, port);
    }
  }

  private static OkHttpClient client(RingHost host, RingHost shop) {
    return new OkHttpClient.Builder()
        .socketFactory(new HostSockets(host))
        .dns(name -> List.of(shop.address()))
        .retryOnConnectionFailure(false)
        .build();
  }

  /**
   * Orders, and tries again after whatever failure.
   *
   * @param each makes the request of a try
   */
  private static void order(OkHttpClient client, UnaryOperator<Request.Builder> each)
      throws IOException {
    IOException failure = null;
    for (int i = 0; i < TRIES; i++) {
      Request.Builder request =
          new Request.Builder().url("http://shop/orders").post(RequestBody.create(new byte[0]));
      try (Response response = client.newCall(each.apply(request).build()).execute()) {
        assertEquals("ok", response.body().string());
        return;
      } catch (IOException e) {
        failure = e;
      }
    }
    throw failure;
  }

  @SeededTest(runs = 5)
  void aRetryWithoutAKeyOrdersTwiceWhereTheAnswerIsLost(
      Simulation sim, @Host("client") RingHost host, @Host("shop") RingHost shop)
      throws IOException {
    try (Shop server = new Shop(shop);
        Fault lost = sim.faults().to(shop, 80).connection(1).resetAfterBytes(10).install()) {
      order(client(host, shop), request -> request);
      assertEquals(List.of("none", "none"), server.orders());
      assertTrue(lost.isActive());
    }
  }

  @SeededTest(runs = 5)
  void aRetryWithAKeyOrdersOnce(
      Simulation sim, @Host("client") RingHost host, @Host("shop") RingHost shop)
      throws IOException {
    for (int bytes : new int[] {0, 1, 17, 38}) {
      try (Shop server = new Shop(shop);
          Fault lost =
              sim.faults()
                  .to(shop, 80)
                  .where(connect -> connect.number() % 2 == 1)
                  .resetAfterBytes(bytes)
                  .install()) {
        String key = UUID.nameUUIDFromBytes(new byte[] {(byte) bytes}).toString();
        order(client(host, shop), request -> request.header("Idempotency-Key", key));
        assertEquals(List.of(key), server.orders());
        assertTrue(lost.isActive());
      }
    }
  }

  @Test
  void theThirdConnectWorks(
      Simulation sim, @Host("client") RingHost host, @Host("shop") RingHost shop)
      throws IOException {
    try (Shop server = new Shop(shop)) {
      try (Fault refused = sim.faults().to(shop, 80).first(2).refuse().install()) {
        order(client(host, shop), request -> request);
        assertTrue(refused.isActive());
      }
      assertEquals(1, server.orders().size());
      try (Fault refused = sim.faults().to(shop, 80).refuse().install()) {
        assertThrows(ConnectException.class, () -> order(client(host, shop), request -> request));
        assertTrue(refused.isActive());
      }
    }
  }
}
