package io.nioring.consumer.protocols;

import io.nioring.consumer.SnmpContract;
import io.nioring.consumer.Wire;
import java.io.IOException;
import java.net.InetAddress;
import org.snmp4j.TransportMapping;
import org.snmp4j.smi.TcpAddress;
import org.snmp4j.transport.DefaultTcpTransportMapping;

/** SNMP4J over TCP, an agent and managers with a selector each. */
class Snmp4jTest extends SnmpContract<TcpAddress> {
  Snmp4jTest() {
    super(50, 60_000);
  }

  @Override
  protected TcpAddress address(InetAddress host, int port) {
    return new TcpAddress(host, port);
  }

  @Override
  protected TransportMapping<TcpAddress> transport(TcpAddress address) throws IOException {
    return new DefaultTcpTransportMapping(address);
  }

  @Override
  protected TransportMapping<TcpAddress> transport() throws IOException {
    return new DefaultTcpTransportMapping();
  }

  @Override
  protected void carried(Wire network, int connections, long bytes) throws InterruptedException {
    network.ringsCarried(connections, bytes);
  }
}
