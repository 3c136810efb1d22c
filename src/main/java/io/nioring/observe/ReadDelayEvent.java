package io.nioring.observe;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** A period in which bytes waited to be read. */
@Name("nioring.ReadDelay")
@Label("Read Delay")
@Description("From the first byte that waited to the read that took it: the reader is late")
@Category("nioring")
@Threshold("10 ms")
final class ReadDelayEvent extends ConnectionEvent {
  @Label("Queued")
  @Description("Bytes that waited when they were read")
  @DataAmount
  long queued;
}
