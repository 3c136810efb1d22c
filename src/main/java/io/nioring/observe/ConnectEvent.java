package io.nioring.observe;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** A connect. */
@Name("nioring.Connect")
@Label("Connect")
@Description("From the start of a connect to its end")
@Category("nioring")
@Threshold("0 ns")
final class ConnectEvent extends ConnectionEvent {
  @Label("Route")
  String route;

  @Label("Outcome")
  String outcome;
}
