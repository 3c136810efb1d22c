package io.nioring.observe;

import java.util.Map;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanParameterInfo;
import javax.management.StandardMBean;

/** Tells management tools what the network's attributes, operations and parameters are. */
final class DescribedMBean extends StandardMBean {
  /** What an operation does, and its parameter if it has one. */
  private record Operation(String does, String parameter, String is, boolean changes) {}

  private static final Map<String, Operation> OPERATIONS =
      Map.ofEntries(
          Map.entry(
              "connections",
              new Operation(
                  "Returns the rows that a filter chooses, at most 10,000",
                  "filter",
                  "options and words of ss: -tx state established dport = :5432; empty for all",
                  false)),
          Map.entry(
              "ss",
              new Operation(
                  "Returns the table as text",
                  "options",
                  "options and words of ss: -tie state established dport = :5432",
                  false)),
          Map.entry(
              "close",
              new Operation(
                  "Resets both ends of a connection over a ring, as ss -K does",
                  "connection",
                  "its number in the table",
                  true)),
          Map.entry(
              "startCapture",
              new Operation(
                  "Starts a packet capture on the machine of this JVM; returns its number",
                  "words",
                  "as nioring.capture has them: /tmp/db.pcapng,port 5432,file-size=50m,files=10",
                  true)),
          Map.entry(
              "stopCapture",
              new Operation(
                  "Ends a capture, so that its file is complete; returns a summary",
                  "capture",
                  "the number that startCapture has returned",
                  true)),
          Map.entry(
              "addFaults",
              new Operation(
                  "Installs faults in a simulated network; returns their numbers",
                  "text",
                  "as nioring.faults has them: tcp:10.0.0.7:5432: latency 20ms",
                  true)),
          Map.entry(
              "removeFault",
              new Operation(
                  "Removes a fault; returns whether there was one",
                  "fault",
                  "its number in Faults",
                  true)),
          Map.entry(
              "clearFaults",
              new Operation("Removes all faults; returns how many there were", "", "", true)),
          Map.entry(
              "recordStacks",
              new Operation(
                  "Records from now on which thread opens a socket, and where",
                  "on",
                  "whether to record it",
                  true)),
          Map.entry(
              "recordTimes",
              new Operation(
                  "Records from now on when connections were last used",
                  "on",
                  "whether to record it",
                  true)));

  private static final Map<String, String> ATTRIBUTES =
      Map.ofEntries(
          Map.entry("Mode", "The mode of addresses that no route matches"),
          Map.entry("Routes", "The routes, as nioring.routes has them"),
          Map.entry("Config", "The whole configuration"),
          Map.entry("RingConnections", "Connects over rings so far"),
          Map.entry("RingAccepted", "Accepts over rings so far"),
          Map.entry("KernelConnections", "Connects through the kernel so far"),
          Map.entry("KernelAccepted", "Accepts from the kernel so far"),
          Map.entry("RingBytes", "Bytes read out of rings so far"),
          Map.entry("OpenChannels", "Channels that are open"),
          Map.entry("ListenerCount", "Listeners"),
          Map.entry("MemoryInUseBytes", "Ring memory in use, in bytes"),
          Map.entry("Connections", "The sockets that do not listen, at most 10,000"),
          Map.entry("Listeners", "The sockets that listen, at most 10,000"),
          Map.entry("JfrActive", "Whether Flight Recorder records events of connections"),
          Map.entry("Simulated", "Whether the network is simulated, so that it can have faults"),
          Map.entry("Hosts", "The hosts of a simulated network"),
          Map.entry("Faults", "The faults, each with its number and how often it has fired"),
          Map.entry("Captures", "The captures that were started here and not stopped"),
          Map.entry("CapturesRunning", "Captures that run, however they were started"),
          Map.entry("CapturedPackets", "Packets that these have written"),
          Map.entry("CapturedBytes", "Bytes of packets that these have written"),
          Map.entry("CaptureDropped", "Packets that these have dropped"));

  DescribedMBean(NetworkMXBean bean) {
    super(bean, RingNetworkMXBean.class, true);
  }

  @Override
  protected String getDescription(MBeanInfo info) {
    return "A network of nioring: its connections, captures and faults";
  }

  @Override
  protected String getDescription(MBeanAttributeInfo info) {
    return ATTRIBUTES.getOrDefault(info.getName(), info.getDescription());
  }

  @Override
  protected String getDescription(MBeanOperationInfo info) {
    Operation known = OPERATIONS.get(info.getName());
    return known == null ? info.getDescription() : known.does();
  }

  @Override
  protected int getImpact(MBeanOperationInfo info) {
    Operation known = OPERATIONS.get(info.getName());
    return known == null || known.changes() ? MBeanOperationInfo.ACTION : MBeanOperationInfo.INFO;
  }

  @Override
  protected String getParameterName(
      MBeanOperationInfo info, MBeanParameterInfo parameter, int index) {
    Operation known = OPERATIONS.get(info.getName());
    return known == null ? parameter.getName() : known.parameter();
  }

  @Override
  protected String getDescription(
      MBeanOperationInfo info, MBeanParameterInfo parameter, int index) {
    Operation known = OPERATIONS.get(info.getName());
    return known == null ? parameter.getDescription() : known.is();
  }
}
