package io.nioring.observe;

import java.util.List;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Event;
import jdk.jfr.EventType;

/**
 * Which events are enabled, as of the last refresh, so that a connection only reads a field. Loads
 * the event classes; created only when Flight Recorder is in use.
 *
 * <p>Reading the clock costs more than a read whose bytes are there. If the threshold is far above
 * the duration of such a read, only reads and writes that wait are timed.
 */
final class JfrEvents {
  /** A duration that only an operation that waits, or copies several megabytes, can reach. */
  private static final long SHORT_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

  private final boolean jdkNames;
  private final EventType readType;
  private final EventType writeType;
  private final EventType blockedType;
  private final EventType delayType;
  private final List<EventType> others;

  private volatile boolean read;
  private volatile boolean write;
  private volatile boolean allReads;
  private volatile boolean allWrites;
  private volatile boolean blocked;
  private volatile boolean delay;
  private volatile boolean any;

  /**
   * Loads the classes.
   *
   * @param jdkNames whether reads and writes have the names of the JDK's events
   */
  JfrEvents(boolean jdkNames) {
    this.jdkNames = jdkNames;
    readType = typeOf(jdkNames ? JdkSocketReadEvent.class : RingSocketReadEvent.class);
    writeType = typeOf(jdkNames ? JdkSocketWriteEvent.class : RingSocketWriteEvent.class);
    blockedType = typeOf(WriteBlockedEvent.class);
    delayType = typeOf(ReadDelayEvent.class);
    others =
        List.of(
            typeOf(ConnectEvent.class),
            typeOf(AcceptEvent.class),
            typeOf(CloseEvent.class),
            typeOf(BacklogFullEvent.class),
            typeOf(FaultEvent.class));
    typeOf(NetworkStatisticsEvent.class);
    typeOf(ConnectionStatisticsEvent.class);
  }

  private static EventType typeOf(Class<? extends Event> event) {
    return EventType.getEventType(event);
  }

  /** Refreshes the fields. */
  void refresh() {
    read = readType.isEnabled();
    write = writeType.isEnabled();
    allReads = read && tellsShortOnes(newRead());
    allWrites = write && tellsShortOnes(newWrite());
    blocked = blockedType.isEnabled();
    delay = delayType.isEnabled();
    boolean other = others.stream().anyMatch(EventType::isEnabled);
    any = read || write || blocked || delay || other;
  }

  /** Whether the threshold of an event is so low that an operation may reach it without a wait. */
  private static boolean tellsShortOnes(Event event) {
    event.begin();
    long end = System.nanoTime() + SHORT_NANOS;
    while (System.nanoTime() - end < 0) {
      Thread.onSpinWait();
    }
    event.end();
    return event.shouldCommit();
  }

  /** Whether any event of a connection is enabled. */
  boolean any() {
    return any;
  }

  /** Whether reads that wait are recorded. */
  boolean read() {
    return read;
  }

  /** Whether the other reads are recorded too. */
  boolean allReads() {
    return allReads;
  }

  /** Whether writes that wait are recorded. */
  boolean write() {
    return write;
  }

  /** Whether the other writes are recorded too. */
  boolean allWrites() {
    return allWrites;
  }

  /** Whether full buffers are recorded. */
  boolean blocked() {
    return blocked;
  }

  /** Whether waiting bytes are recorded. */
  boolean delay() {
    return delay;
  }

  SocketReadEvent newRead() {
    return jdkNames ? new JdkSocketReadEvent() : new RingSocketReadEvent();
  }

  SocketWriteEvent newWrite() {
    return jdkNames ? new JdkSocketWriteEvent() : new RingSocketWriteEvent();
  }
}
