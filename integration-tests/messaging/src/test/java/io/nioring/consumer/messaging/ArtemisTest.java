package io.nioring.consumer.messaging;

import io.nioring.consumer.Certificate;
import io.nioring.consumer.FreePort;
import io.nioring.consumer.Loopback;
import io.nioring.consumer.TemporaryDirectory;
import jakarta.jms.ConnectionFactory;
import java.nio.file.Path;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** ActiveMQ Artemis over Netty, which takes its native transport unless it is told not to. */
class ArtemisTest extends JmsContract {
  private static final String OPTIONS = "useEpoll=false;useKQueue=false";

  private static EmbeddedActiveMQ broker;
  private static String plain;
  private static String secure;

  @BeforeAll
  static void start() throws Exception {
    Path directory = TemporaryDirectory.make();
    String keys = Certificate.get().file().toString();
    plain = "tcp://" + Loopback.URL_HOST + ":" + FreePort.find() + "?" + OPTIONS;
    secure =
        "tcp://" + Loopback.URL_HOST + ":" + FreePort.find() + "?" + OPTIONS + ";sslEnabled=true";
    Configuration configuration =
        new ConfigurationImpl()
            .setPersistenceEnabled(false)
            .setSecurityEnabled(false)
            .setJMXManagementEnabled(false)
            .addAcceptorConfiguration("plain", plain)
            .addAcceptorConfiguration("secure", secure + store("keyStore", keys));
    secure += store("trustStore", keys);
    configuration.setBrokerInstance(directory.toFile());
    broker = new EmbeddedActiveMQ();
    broker.setConfiguration(configuration);
    broker.start();
  }

  @AfterAll
  static void stop() throws Exception {
    broker.stop();
  }

  private static String store(String name, String path) {
    return ";%1$sPath=%2$s;%1$sPassword=%3$s;%1$sType=PKCS12"
        .formatted(name, path, Certificate.PASSWORD);
  }

  @Override
  ConnectionFactory plain() {
    return new ActiveMQConnectionFactory(plain);
  }

  @Test
  void largeMessageGoesBothWaysOverTls() throws Exception {
    echoLarge(new ActiveMQConnectionFactory(secure), "secure");
  }
}
