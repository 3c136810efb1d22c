package io.nioring.observe;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A fault that a simulation has applied to the network or to a connection. */
@Name("nioring.Fault")
@Label("Fault")
@Description(
    "A fault that a simulation applied to the network or to one of its connections, or removed")
@Category("nioring")
final class FaultEvent extends Event {
  @Label("Fault")
  String fault;

  @Label("Connection")
  @Description("The number of the affected connection; 0 if it is not a single one")
  long connection;

  @Label("Simulated Connect")
  @Description("Which connect of the simulation the affected connection came from")
  String simulatedConnect;

  @Label("Offset")
  @Description("After how many bytes of a direction of the connection")
  @DataAmount
  long offset;

  @Label("Seed")
  @Description("What the simulation's random choices depend on")
  long seed;
}
