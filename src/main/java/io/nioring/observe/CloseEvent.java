package io.nioring.observe;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** The close of one end. */
@Name("nioring.Close")
@Label("Close")
@Description("The life of one end of a connection")
@Category("nioring")
@Threshold("0 ns")
final class CloseEvent extends ConnectionEvent {
  @Label("Bytes Read")
  @DataAmount
  long bytesRead;

  @Label("Bytes Written")
  @DataAmount
  long bytesWritten;

  @Label("Unread")
  @Description("Bytes that had arrived and were not read")
  @DataAmount
  long unread;

  @Label("Cause")
  String cause;
}
