package io.nioring.observe;

import java.util.List;
import jdk.jfr.Event;
import jdk.jfr.EventType;

/**
 * Which events are switched on, as it was seen last: looked up now and then, so that a connection
 * asks a field. Loads the event classes; made only when Flight Recorder is in use.
 */
final class JfrEvents {
  private final boolean jdkNames;
  private final EventType readType;
  private final EventType writeType;
  private final EventType blockedType;
  private final EventType delayType;
  private final List<EventType> others;

  private volatile boolean read;
  private volatile boolean write;
  private volatile boolean blocked;
  private volatile boolean delay;
  private volatile boolean any;

  /**
   * Loads the classes.
   *
   * @param jdkNames whether reads and writes bear the names of the JDK's events
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
            typeOf(BacklogFullEvent.class));
    typeOf(NetworkStatisticsEvent.class);
    typeOf(ConnectionStatisticsEvent.class);
  }

  private static EventType typeOf(Class<? extends Event> event) {
    return EventType.getEventType(event);
  }

  /** Looks again. */
  void refresh() {
    read = readType.isEnabled();
    write = writeType.isEnabled();
    blocked = blockedType.isEnabled();
    delay = delayType.isEnabled();
    boolean other = others.stream().anyMatch(EventType::isEnabled);
    any = read || write || blocked || delay || other;
  }

  /** Whether any event of a connection is on. */
  boolean any() {
    return any;
  }

  /** Whether reads are told. */
  boolean read() {
    return read;
  }

  /** Whether writes are told. */
  boolean write() {
    return write;
  }

  /** Whether full buffers are told. */
  boolean blocked() {
    return blocked;
  }

  /** Whether bytes that wait are told. */
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
