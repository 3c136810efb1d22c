package io.nioring.consumer.messaging;

import io.nioring.consumer.Certificate;
import io.nioring.consumer.Loopback;
import io.nioring.consumer.PlainSockets;
import jakarta.jms.ConnectionFactory;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.ActiveMQSslConnectionFactory;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.broker.SslContext;
import org.apache.activemq.broker.TransportConnector;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** ActiveMQ Classic with its transports {@code tcp} and {@code ssl}, which are plain sockets. */
class ActiveMqPlainSocketsTest extends JmsContract {
  private static BrokerService broker;
  private static String plain;
  private static String secure;

  @BeforeAll
  static void start() throws Exception {
    PlainSockets.toRings();
    broker = new BrokerService();
    broker.setBrokerName("plain-sockets");
    broker.setPersistent(false);
    broker.setUseJmx(false);
    SslContext ssl = new SslContext();
    ssl.setSSLContext(Certificate.get().context());
    broker.setSslContext(ssl);
    TransportConnector plainConnector = broker.addConnector("tcp://" + Loopback.URL_HOST + ":0");
    TransportConnector secureConnector = broker.addConnector("ssl://127.0.0.1:0");
    broker.start();
    broker.waitUntilStarted();
    plain = "tcp://" + Loopback.URL_HOST + ":" + plainConnector.getConnectUri().getPort();
    secure =
        "ssl://127.0.0.1:" // whose client takes a host for a name: no IPv6 address
            + secureConnector.getConnectUri().getPort()
            + "?socket.verifyHostName=false";
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

  @Test
  void largeMessageGoesBothWaysOverTls() throws Exception {
    ActiveMQSslConnectionFactory factory = new ActiveMQSslConnectionFactory(secure);
    factory.setTrustStore(Certificate.get().file().toUri().toString());
    factory.setTrustStoreType("PKCS12");
    factory.setTrustStorePassword(Certificate.PASSWORD);
    echoLarge(factory, "secure");
  }
}
