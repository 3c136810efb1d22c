package io.nioring.observe;

import io.nioring.internal.stream.Endpoint;
import java.net.SocketAddress;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;

/** The fields that events of one connection have in common. */
abstract class ConnectionEvent extends Event {
  @Label("Local Address")
  String localAddress;

  @Label("Local Port")
  int localPort;

  @Label("Remote Address")
  String remoteAddress;

  @Label("Remote Port")
  int remotePort;

  @Label("Connection")
  @Description("The number that its two ends have in common; 0 if there is none")
  long connection;

  /** Sets the addresses and the number of an end. */
  final void takeEnd(Endpoint end) {
    takeAddresses(end.localAddress(), end.remoteAddress());
    connection = end.number();
  }

  final void takeAddresses(SocketAddress local, SocketAddress remote) {
    localAddress = AddressText.address(local);
    localPort = AddressText.port(local);
    remoteAddress = AddressText.address(remote);
    remotePort = AddressText.port(remote);
  }
}
