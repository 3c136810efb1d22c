package io.nioring.consumer.datagrams;

import io.nioring.consumer.SnmpContract;
import io.nioring.consumer.Wire;
import java.io.IOException;
import java.net.InetAddress;
import org.snmp4j.TransportMapping;
import org.snmp4j.smi.UdpAddress;
import org.snmp4j.transport.DefaultUdpTransportMapping;

/** SNMP4J over UDP, its default. */
class SnmpTest extends SnmpContract<UdpAddress> {
  SnmpTest() {
    super(20, 30_000);
  }

  @Override
  protected UdpAddress address(InetAddress host, int port) {
    return new UdpAddress(host, port);
  }

  @Override
  protected TransportMapping<UdpAddress> transport(UdpAddress address) throws IOException {
    return new DefaultUdpTransportMapping(address);
  }

  @Override
  protected TransportMapping<UdpAddress> transport() throws IOException {
    return new DefaultUdpTransportMapping();
  }

  @Override
  protected void carried(Wire network, int connections, long bytes) throws InterruptedException {
    network.noKernelDatagrams();
    network.noKernelConnections();
  }
}
