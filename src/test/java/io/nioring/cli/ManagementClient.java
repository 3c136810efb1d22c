package io.nioring.cli;

import com.sun.tools.attach.VirtualMachine;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** Prints what the MBeans of a JVM's networks tell; uses no class of nioring. */
public final class ManagementClient {
  private ManagementClient() {}

  /**
   * Runs it.
   *
   * @param args the number of the process
   * @throws Exception if anything cannot be read
   */
  @SuppressWarnings("BanJNDI") // the address is that of a JVM of the test
  public static void main(String[] args) throws Exception {
    VirtualMachine machine = VirtualMachine.attach(args[0]);
    JMXServiceURL address = new JMXServiceURL(machine.startLocalManagementAgent());
    try (JMXConnector connector = JMXConnectorFactory.connect(address)) {
      MBeanServerConnection server = connector.getMBeanServerConnection();
      for (ObjectName name : server.queryNames(new ObjectName("io.nioring:*"), null)) {
        for (MBeanAttributeInfo each : server.getMBeanInfo(name).getAttributes()) {
          System.out.println(
              each.getName() + " " + text(server.getAttribute(name, each.getName())));
        }
        String[] types = {String.class.getName()};
        System.out.println("ss " + server.invoke(name, "ss", new Object[] {"-a"}, types));
      }
    }
    machine.detach();
  }

  private static String text(Object value) {
    return value instanceof CompositeData[] rows ? rows.length + " rows" : String.valueOf(value);
  }
}
