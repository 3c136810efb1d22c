package io.nioring.consumer.sockets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nioring.consumer.FreePort;
import io.nioring.consumer.Loopback;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.lang.management.ManagementFactory;
import java.rmi.NoSuchObjectException;
import java.rmi.Remote;
import java.rmi.RemoteException;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;
import java.rmi.server.UnicastRemoteObject;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXConnectorServer;
import javax.management.remote.JMXConnectorServerFactory;
import javax.management.remote.JMXServiceURL;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Remote method invocation, and the connector of JMX that stands on it. */
class RmiTest {
  private int port;
  private Registry registry;
  private Wire wire;

  /** A remote object. */
  interface Echo extends Remote {
    byte[] echo(byte[] bytes) throws RemoteException;
  }

  @BeforeEach
  void start() throws Exception {
    System.setProperty("java.rmi.server.hostname", Loopback.HOST);
    wire = Wire.watch();
    port = FreePort.find();
    registry = LocateRegistry.createRegistry(port);
  }

  @AfterEach
  void stop() throws NoSuchObjectException, InterruptedException {
    UnicastRemoteObject.unexportObject(registry, true);
    wire.close();
  }

  @Test
  void methodsAreInvoked() throws Exception {
    Echo echo = bytes -> bytes;
    registry.bind("echo", UnicastRemoteObject.exportObject(echo, 0));
    try {
      Echo remote = (Echo) LocateRegistry.getRegistry(Loopback.HOST, port).lookup("echo");
      for (int i = 0; i < 100; i++) {
        byte[] small = Payload.ofSize(i);
        assertArrayEquals(small, remote.echo(small));
      }
      byte[] large = Payload.ofSize(Payload.LARGE);
      assertArrayEquals(large, remote.echo(large));
      wire.ringsCarried(
          1, 2L * Payload.LARGE); // the registry is asked over one of another test, if any
    } finally {
      UnicastRemoteObject.unexportObject(echo, true);
    }
  }

  @Test
  void beansAreRead() throws Exception {
    JMXServiceURL url =
        new JMXServiceURL(
            "service:jmx:rmi:///jndi/rmi://" + Loopback.URL_HOST + ":" + port + "/jmxrmi");
    JMXConnectorServer server =
        JMXConnectorServerFactory.newJMXConnectorServer(
            url, null, ManagementFactory.getPlatformMBeanServer());
    server.start();
    try (JMXConnector connector = JMXConnectorFactory.connect(url)) {
      MBeanServerConnection beans = connector.getMBeanServerConnection();
      ObjectName runtime = new ObjectName(ManagementFactory.RUNTIME_MXBEAN_NAME);
      for (int i = 0; i < 20; i++) {
        assertEquals(
            ManagementFactory.getRuntimeMXBean().getName(), beans.getAttribute(runtime, "Name"));
      }
      assertTrue(beans.getMBeanCount() > 10);
      wire.ringsCarried(1, 20 * 50);
    } finally {
      server.stop();
    }
  }
}
