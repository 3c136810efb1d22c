package io.nioring.observe;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;

/** A row of the table of sockets. */
@Name("nioring.ConnectionStatistics")
@Label("Connection Statistics")
@Description("The connections with the most bytes queued")
@Category("nioring")
@Enabled(false)
@Period("10 s")
@StackTrace(false)
final class ConnectionStatisticsEvent extends ConnectionEvent {
  @Label("State")
  String state;

  @Label("End")
  String end;

  @Label("Receive Queue")
  @DataAmount
  long receiveQueue;

  @Label("Send Queue")
  @DataAmount
  long sendQueue;

  @Label("Bytes Sent")
  @DataAmount
  long bytesSent;

  @Label("Bytes Received")
  @DataAmount
  long bytesReceived;

  @Label("Memory")
  @DataAmount
  long memory;

  @Label("Waiting Thread")
  String waitingThread;
}
