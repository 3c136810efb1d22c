package io.nioring.internal.network;

import io.nioring.internal.stream.Wire;
import java.io.Closeable;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Path;

/**
 * What shows a network to the world outside of its program: a service, whose provider stands above
 * the network and is not loaded before it is wanted.
 */
public interface Insight {
  /**
   * Begins to record the events of a network with Flight Recorder, which has been initialized.
   *
   * @param wire what the connections are made with
   * @param registry the open channels
   * @param network the network as its users see it, which may be dropped
   * @param jdkNames whether reads and writes have the names of the JDK's events
   * @return run now and then, to see whether events were switched on or off
   */
  Runnable recordEvents(
      Wire wire, ChannelRegistry registry, WeakReference<?> network, boolean jdkNames);

  /**
   * Registers a network with the platform's MBean server.
   *
   * @param network the network as its users see it
   * @param name what it is called there; null for the next number
   * @return unregisters it
   */
  AutoCloseable registerMXBean(Object network, String name);

  /**
   * Starts a capture of a network's connections, to a file.
   *
   * @param network the network as its users see it
   * @param words the file, and what else is asked for, with commas between
   * @return ends it
   * @throws IllegalArgumentException if the words cannot be understood; the message names one
   * @throws IOException if the file cannot be made
   */
  Closeable startCapture(Object network, String words) throws IOException;

  /**
   * Starts a capture of all of a network's connections, to a file.
   *
   * @param network the network as its users see it
   * @param file the file
   * @return ends it
   * @throws IOException if the file cannot be made
   */
  Closeable startCapture(Object network, Path file) throws IOException;
}
