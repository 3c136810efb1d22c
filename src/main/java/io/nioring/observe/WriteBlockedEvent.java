package io.nioring.observe;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** A period in which a writer had no room. */
@Name("nioring.WriteBlocked")
@Label("Write Blocked")
@Description("A writer waited for room in a full buffer: the reader is slow")
@Category("nioring")
@Threshold("10 ms")
final class WriteBlockedEvent extends ConnectionEvent {
  @Label("Queued")
  @Description("Bytes that waited for the reader at the start")
  @DataAmount
  long queued;

  @Label("Capacity")
  @DataAmount
  long capacity;

  @Label("Writer")
  @Description("The thread that found no room")
  Thread writer;
}
