package io.nioring.consumer.messaging;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nioring.consumer.Certificate;
import io.nioring.consumer.Loopback;
import io.nioring.consumer.Wire;
import jakarta.jms.ConnectionFactory;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.broker.SslContext;
import org.apache.activemq.broker.TransportConnector;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * ActiveMQ Classic with its transport {@code nio}, and the broker's end of {@code nio+ssl}; {@code
 * tcp}, {@code ssl} and the client's end of {@code nio+ssl} are plain sockets.
 */
class ActiveMqTest extends JmsContract {
  private static BrokerService broker;
  private static String plain;
  private static InetSocketAddress secure;

  @BeforeAll
  static void start() throws Exception {
    broker = new BrokerService();
    broker.setPersistent(false);
    broker.setUseJmx(false);
    SslContext ssl = new SslContext();
    ssl.setSSLContext(Certificate.get().context());
    broker.setSslContext(ssl);
    TransportConnector plainConnector = broker.addConnector("nio://" + Loopback.URL_HOST + ":0");
    TransportConnector secureConnector =
        broker.addConnector("nio+ssl://" + Loopback.URL_HOST + ":0");
    broker.start();
    broker.waitUntilStarted();
    plain = "nio://" + Loopback.URL_HOST + ":" + plainConnector.getConnectUri().getPort();
    secure = new InetSocketAddress(Loopback.address(), secureConnector.getConnectUri().getPort());
  }

  @AfterAll
  static void stop() throws Exception {
    broker.stop();
    broker.waitUntilStopped();
  }

  @Override
  ConnectionFactory plain() {
    return new ActiveMQConnectionFactory(plain);
  }

  /** The broker's TLS is above a channel; that of its client is a plain socket, so here is ours. */
  @Test
  void brokerGreetsOverTls() throws Exception {
    try (Wire wire = Wire.watch();
        SocketChannel channel = SocketChannel.open(secure);
        Socket socket =
            Certificate.get()
                .context()
                .getSocketFactory()
                .createSocket(channel.socket(), Loopback.HOST, secure.getPort(), true)) {
      socket.setSoTimeout(60_000);
      byte[] greeting = socket.getInputStream().readNBytes(13);
      assertEquals("ActiveMQ", new String(greeting, 5, 8, US_ASCII));
      wire.ringsCarried(1, 1_000);
    }
  }
}
