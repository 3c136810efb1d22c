package io.nioring.agent;

import io.nioring.RingNetworkStatistics;
import io.nioring.RingSelectorProvider;
import java.nio.channels.spi.SelectorProvider;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** Connects to the management port of its own JVM. */
@SuppressWarnings("BanJNDI") // its own server
final class JmxProgram {

  private JmxProgram() {}

  public static void main(String[] args) throws Exception {
    int port = Integer.getInteger("com.sun.management.jmxremote.port");
    JMXServiceURL url =
        new JMXServiceURL("service:jmx:rmi:///jndi/rmi://localhost:" + port + "/jmxrmi");
    try (JMXConnector connector = JMXConnectorFactory.connect(url)) {
      System.out.println(connector.getMBeanServerConnection().getMBeanCount() > 0);
    }
    RingNetworkStatistics done =
        ((RingSelectorProvider) SelectorProvider.provider()).network().statistics();
    System.out.println(done.kernelConnections() > 0 && done.ringConnections() == 0);
    System.exit(0); // the management agent has threads
  }
}
