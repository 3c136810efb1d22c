package io.nioring.internal.network;

import io.nioring.internal.stream.Wire;
import java.lang.ref.WeakReference;
import java.util.ServiceConfigurationError;
import java.util.function.Supplier;
import jdk.jfr.FlightRecorder;

/**
 * Checks whether Flight Recorder is in use, and makes a network record events from then on. Loading
 * an event class earlier would start the recorder, which takes a second or two.
 *
 * <p>Run by the thread that makes the network and then by the housekeeping thread.
 */
public final class RecorderWatch implements Runnable {
  private final Supplier<Insight> insight;
  private final Wire wire;
  private final ChannelRegistry registry;
  private final WeakReference<?> network;
  private final boolean jdkNames;
  private final boolean hasRecorder;
  private Runnable recording;
  private boolean failed;

  /**
   * Makes one that has not checked yet.
   *
   * @param insight supplies the recorder of events; null if there is none
   * @param network the network as its users see it, which is not referenced strongly
   * @param jdkNames whether reads and writes use the names of the JDK's events
   */
  public RecorderWatch(
      Supplier<Insight> insight,
      Wire wire,
      ChannelRegistry registry,
      WeakReference<?> network,
      boolean jdkNames) {
    this.insight = insight;
    this.wire = wire;
    this.registry = registry;
    this.network = network;
    this.jdkNames = jdkNames;
    this.hasRecorder = ModuleLayer.boot().findModule("jdk.jfr").isPresent();
  }

  @Override
  public synchronized void run() {
    if (failed || !hasRecorder || !FlightRecorder.isInitialized()) {
      return;
    }
    try {
      if (recording == null) {
        Insight found = insight.get();
        recording =
            found == null ? () -> {} : found.recordEvents(wire, registry, network, jdkNames);
      }
      recording.run();
    } catch (RuntimeException | LinkageError | ServiceConfigurationError e) {
      failed = true; // the network goes on without events
      System.getLogger(RecorderWatch.class.getName())
          .log(System.Logger.Level.WARNING, "cannot record events with Flight Recorder", e);
    }
  }
}
