package io.nioring.observe;

import java.io.IOException;
import java.util.List;

/**
 * A network as management tools see it: {@code io.nioring:type=RingNetwork,name=jvm}. Open types
 * alone, so that a client needs none of these classes.
 */
public interface RingNetworkMXBean {
  /** {@return the mode of addresses that no route names} */
  String getMode();

  /** {@return the routes, as the property {@code nioring.routes} has them} */
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
   * @param filter words as {@link SocketFilter} has them; empty for all. Options as {@link
   *     SocketListing#parse} has them may come first, and choose what they choose there
   * @return at most 10,000; {@link #ss} says whether there are more
   */
  List<SocketInfo> connections(String filter);

  /**
   * Returns the table as text.
   *
   * @param options as {@link SocketListing#parse} has them, {@code -tie state established}
   * @return lines, at most 10,000 sockets and a note if there are more
   */
  String ss(String options);

  /**
   * Notes from now on which thread opens a socket, and where; see {@code RingNetwork.recordStacks}.
   *
   * @param on whether to note it; if not, what was noted is forgotten
   */
  void recordStacks(boolean on);

  /**
   * Notes from now on when connections were last used; see {@code RingNetwork.recordTimes}.
   *
   * @param on whether to note it; if not, what was noted is forgotten
   */
  void recordTimes(boolean on);

  /** {@return the hosts of a simulated network, as text; none of another one} */
  List<String> getHosts();

  /** {@return the faults of a simulated network, each with its number, as text} */
  List<String> getFaults();

  /**
   * Installs faults.
   *
   * @param text as the property {@code nioring.faults} has them: {@code tcp:10.0.0.7:5432: latency
   *     20ms}, with {@code ;} between several
   * @return their numbers
   * @throws IllegalArgumentException if one is malformed
   * @throws IllegalStateException if the network is not simulated
   */
  List<Long> addFaults(String text);

  /**
   * Takes a fault back.
   *
   * @param fault its number
   * @return whether there was one
   */
  boolean removeFault(long fault);

  /**
   * Takes all faults back.
   *
   * @return how many there were
   */
  int clearFaults();

  /**
   * Resets both ends of a connection, as {@code ss -K} does: what they do next with it fails.
   *
   * @param connection its number
   * @return whether there was one that goes over a ring
   */
  boolean close(long connection);

  /**
   * Starts a packet capture, to a file of this JVM's machine; see {@link Capture}.
   *
   * @param words the file and, after commas, a filter and options, as the property {@code
   *     nioring.capture} has them: {@code /tmp/db.pcapng,port 5432,file-size=50m,files=10}
   * @return its number
   * @throws IOException if the file cannot be made
   */
  long startCapture(String words) throws IOException;

  /**
   * Ends a capture: its file is complete then.
   *
   * @param capture the number that {@link #startCapture} has returned
   * @return what it has done, as text; empty if there is no such capture
   */
  String stopCapture(long capture);

  /**
   * {@return the captures that were started here and not stopped, each with its number, as text}
   */
  List<String> getCaptures();

  /** {@return how many captures of the network run, however they were started} */
  int getCapturesRunning();

  /** {@return how many packets these have written} */
  long getCapturedPackets();

  /** {@return how many bytes of packets these have written} */
  long getCapturedBytes();

  /** {@return how many packets found no room in the queues of these} */
  long getCaptureDropped();
}
