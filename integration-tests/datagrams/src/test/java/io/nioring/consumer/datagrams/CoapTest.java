package io.nioring.consumer.datagrams;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.nioring.consumer.Loopback;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.net.InetSocketAddress;
import org.eclipse.californium.core.CoapClient;
import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.CoapResponse;
import org.eclipse.californium.core.CoapServer;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.server.resources.CoapExchange;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.UdpConfig;
import org.junit.jupiter.api.Test;

/** Californium's server and client, which send large bodies in blocks. */
class CoapTest {
  static {
    CoapConfig.register();
    UdpConfig.register();
  }

  private static final int LARGE = 8_000;

  @Test
  void requestsAreAnswered() throws Exception {
    Configuration configuration = Configuration.createStandardWithoutFile();
    CoapEndpoint serving = endpoint(configuration);
    CoapEndpoint asking = endpoint(configuration);
    CoapServer server = new CoapServer(configuration);
    try (Wire wire = Wire.watch()) {
      server.addEndpoint(serving);
      server.add(new Echo());
      server.start();
      asking.start();
      CoapClient client = new CoapClient(serving.getUri() + "/echo");
      client.setEndpoint(asking);
      client.setTimeout(60_000L);
      for (int i = 1; i <= 100; i++) {
        assertEchoed(client, Payload.ofSize(i));
      }
      assertEchoed(client, Payload.ofSize(LARGE));
      wire.noKernelDatagrams();
      wire.noKernelConnections();
      client.shutdown();
    } finally {
      asking.destroy();
      server.destroy();
    }
  }

  private static void assertEchoed(CoapClient client, byte[] body) throws Exception {
    CoapResponse response = client.post(body, MediaTypeRegistry.APPLICATION_OCTET_STREAM);
    assertNotNull(response, "no response");
    assertArrayEquals(body, response.getPayload());
  }

  private static CoapEndpoint endpoint(Configuration configuration) {
    return new CoapEndpoint.Builder()
        .setConfiguration(configuration)
        .setInetSocketAddress(new InetSocketAddress(Loopback.address(), 0))
        .build();
  }

  /** Sends back what it is sent. */
  private static final class Echo extends CoapResource {
    Echo() {
      super("echo");
    }

    @Override
    public void handlePOST(CoapExchange exchange) {
      exchange.respond(CoAP.ResponseCode.CONTENT, exchange.getRequestPayload());
    }
  }
}
