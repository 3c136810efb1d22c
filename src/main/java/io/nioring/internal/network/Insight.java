package io.nioring.internal.network;

import io.nioring.internal.stream.Wire;
import java.io.Closeable;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Path;

/**
 * Exposes a network to tools outside its program: a service whose provider is layered above the
 * network and is loaded only when needed.
 */
public interface Insight {
  /**
   * Starts to record the events of a network with Flight Recorder, which has been initialized.
   *
   * @param wire what the connections are made with
   * @param registry the open channels
   * @param network the network as its users see it; it may become unreachable
   * @param jdkNames whether reads and writes use the names of the JDK's events
   * @return a task to run now and then, which checks whether events were enabled or disabled
   */
  Runnable recordEvents(
      Wire wire, ChannelRegistry registry, WeakReference<?> network, boolean jdkNames);

  /**
   * Registers a network with the platform's MBean server.
   *
   * @param network the network as its users see it
   * @param name its name there; null for the next number
   * @return an action that unregisters it
   */
  AutoCloseable registerMXBean(Object network, String name);

  /**
   * Starts a capture of a network's connections, to a file. The network's close ends it.
   *
   * @param network the network as its users see it
   * @param words the file and further options, separated by commas
   * @return an action that ends it
   * @throws IllegalArgumentException if an option is not understood; the message names it
   * @throws IOException if the file cannot be created, or another running capture writes it
   */
  Closeable startCapture(Object network, String words) throws IOException;

  /**
   * Checks what {@link #startCapture(Object, String)} would be given, and opens nothing.
   *
   * @param network the network as its users see it
   * @param words the file and further options, separated by commas
   * @throws IllegalArgumentException if an option is not understood; the message names it
   */
  void checkCapture(Object network, String words);

  /**
   * Starts a capture of all of a network's connections, to a file. The network's close ends it.
   *
   * @param network the network as its users see it
   * @param file the file
   * @return an action that ends it
   * @throws IOException if the file cannot be created, or another running capture writes it
   */
  Closeable startCapture(Object network, Path file) throws IOException;
}
