package io.nioring.observe;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;

/** A write to a connection; the subclasses have the names of the event. */
abstract class SocketWriteEvent extends ThrottledEvent {
  @Label("Remote Host")
  String host;

  @Label("Remote Address")
  String address;

  @Label("Remote Port")
  int port;

  @Label("Bytes Written")
  @Description("Number of bytes written to the socket")
  @DataAmount
  long bytesWritten;

  @Label("Route")
  String route;

  @Label("Connection")
  long connection;
}
