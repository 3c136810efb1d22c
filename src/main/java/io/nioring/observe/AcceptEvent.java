package io.nioring.observe;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** An accept. */
@Name("nioring.Accept")
@Label("Accept")
@Description("The time of a connection in the backlog, until it was accepted")
@Category("nioring")
@Threshold("10 ms")
final class AcceptEvent extends ConnectionEvent {
  @Label("Backlog")
  @Description("How many connections still waited")
  int backlog;
}
