package io.nioring.observe;

import java.io.IOException;
import java.util.List;

/**
 * A network as management tools see it: {@code io.nioring:type=RingNetwork,name=jvm}. It has open
 * types only, so that a client needs none of these classes.
 */
public interface RingNetworkMXBean {
  /** {@return the mode of addresses that no route matches} */
  String getMode();

  /** {@return the routes, in the syntax of the property {@code nioring.routes}} */
  String getRoutes();

  /** {@return the whole configuration as text} */
  String getConfig();

  /** {@return as {@code RingNetworkStatistics.ringConnections()}} */
  long getRingConnections();

  /** {@return as {@code RingNetworkStatistics.ringAccepted()}} */
  long getRingAccepted();

  /** {@return as {@code RingNetworkStatistics.kernelConnections()}} */
  long getKernelConnections();

  /** {@return as {@code RingNetworkStatistics.kernelAccepted()}} */
  long getKernelAccepted();

  /** {@return as {@code RingNetworkStatistics.ringBytes()}} */
  long getRingBytes();

  /** {@return as {@code RingNetworkStatistics.openChannels()}} */
  int getOpenChannels();

  /** {@return as {@code RingNetworkStatistics.listeners()}} */
  int getListenerCount();

  /** {@return as {@code RingNetworkStatistics.memoryInUseBytes()}} */
  long getMemoryInUseBytes();

  /** {@return the sockets that do not listen, at most 10,000} */
  List<SocketInfo> getConnections();

  /** {@return the sockets that listen, at most 10,000} */
  List<SocketInfo> getListeners();

  /** {@return whether Flight Recorder records events of connections} */
  boolean isJfrActive();

  /**
   * Returns sockets.
   *
   * @param filter a filter in the syntax of {@link SocketFilter}; empty for all. The options of
   *     {@link SocketListing#parse} may precede it, with the same meaning
   * @return at most 10,000; {@link #ss} says whether there are more
   */
  List<SocketInfo> connections(String filter);

  /**
   * Returns the table as text.
   *
   * @param options options and a filter in the syntax of {@link SocketListing#parse}, such as
   *     {@code -tie state established}
   * @return lines, at most 10,000 sockets and a note if there are more
   */
  String ss(String options);

  /**
   * Records from now on which thread opens a socket, and where; see {@code
   * RingNetwork.recordStacks}.
   *
   * @param on whether to record it; if false, what was recorded is discarded
   */
  void recordStacks(boolean on);

  /**
   * Records from now on when connections were last used; see {@code RingNetwork.recordTimes}.
   *
   * @param on whether to record it; if false, what was recorded is discarded
   */
  void recordTimes(boolean on);

  /** {@return whether the network is simulated, so that it can have faults} */
  boolean isSimulated();

  /** {@return the hosts of a simulated network, as text; empty for another network} */
  List<String> getHosts();

  /**
   * {@return the faults of a simulated network, each with its number and how often it has fired, as
   * text}
   */
  List<String> getFaults();

  /**
   * Installs faults.
   *
   * @param text in the syntax of the property {@code nioring.faults}: {@code tcp:10.0.0.7:5432:
   *     latency 20ms}, with {@code ;} between several
   * @return their numbers
   * @throws IllegalArgumentException if one is malformed
   * @throws IllegalStateException if the network is not simulated
   */
  List<Long> addFaults(String text);

  /**
   * Removes a fault.
   *
   * @param fault its number
   * @return whether there was one
   */
  boolean removeFault(long fault);

  /**
   * Removes all faults.
   *
   * @return how many there were
   */
  int clearFaults();

  /**
   * Resets both ends of a connection, as {@code ss -K} does: their next operations on it fail.
   *
   * @param connection its number
   * @return whether there was such a connection over a ring, and it was not reset before
   */
  boolean close(long connection);

  /**
   * Starts a packet capture to a file on the machine of this JVM; see {@link Capture}.
   *
   * @param words the file and, after commas, a filter and options, in the syntax of the property
   *     {@code nioring.capture}: {@code /tmp/db.pcapng,port 5432,file-size=50m,files=10}
   * @return its number
   * @throws IOException if the file cannot be created, or another running capture of this JVM
   *     writes it
   */
  long startCapture(String words) throws IOException;

  /**
   * Ends a capture: its file is complete then.
   *
   * @param capture the number that {@link #startCapture} has returned
   * @return a summary of it as text; empty if there is no such capture
   */
  String stopCapture(long capture);

  /**
   * {@return the captures that were started here and not stopped, each with its number, as text}
   */
  List<String> getCaptures();

  /** {@return how many captures of the network are running, however they were started} */
  int getCapturesRunning();

  /** {@return how many packets these have written} */
  long getCapturedPackets();

  /** {@return how many bytes of packets these have written} */
  long getCapturedBytes();

  /** {@return how many packets these have dropped} */
  long getCaptureDropped();
}
