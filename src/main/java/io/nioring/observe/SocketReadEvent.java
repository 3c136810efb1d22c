package io.nioring.observe;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Timespan;

/** A read from a connection; the subclasses have the names of the event. */
abstract class SocketReadEvent extends ThrottledEvent {
  @Label("Remote Host")
  String host;

  @Label("Remote Address")
  String address;

  @Label("Remote Port")
  int port;

  @Label("Timeout Value")
  @Timespan(Timespan.MILLISECONDS)
  long timeout;

  @Label("Bytes Read")
  @Description("Number of bytes read from the socket")
  @DataAmount
  long bytesRead;

  @Label("End of Stream")
  @Description("If end of stream was reached")
  boolean endOfStream;

  @Label("Route")
  String route;

  @Label("Connection")
  long connection;
}
