package io.nioring.observe;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;

/** The statistics of one network. */
@Name("nioring.NetworkStatistics")
@Label("Network Statistics")
@Description("What a network has done so far and what it holds now")
@Category("nioring")
@Period("10 s")
@StackTrace(false)
final class NetworkStatisticsEvent extends Event {
  @Label("Mode")
  String mode;

  @Label("Ring Connections")
  long ringConnections;

  @Label("Ring Accepted")
  long ringAccepted;

  @Label("Kernel Connections")
  long kernelConnections;

  @Label("Kernel Accepted")
  long kernelAccepted;

  @Label("Ring Bytes")
  @DataAmount
  long ringBytes;

  @Label("Open Channels")
  int openChannels;

  @Label("Listeners")
  int listeners;

  @Label("Memory in Use")
  @DataAmount
  long memoryInUse;
}
