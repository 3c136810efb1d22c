package io.nioring.observe;

import io.nioring.internal.stream.Closing;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.Tap;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Records what goes over one direction of a connection as events.
 *
 * <p>The events of reads and of writes are used again and again, each under the lock of its side.
 * Those of a wait are begun by one end and committed by the other: the one that takes it out of its
 * field has it alone.
 */
final class JfrTap implements Tap {
  private static final VarHandle BLOCKED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      BLOCKED = lookup.findVarHandle(JfrTap.class, "blocked", WriteBlockedEvent.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final JfrRecording recording;
  private final Endpoint writer;
  private final Endpoint reader;
  private final CloseEvent life = new CloseEvent();

  /**
   * Begun when the connection was made; committed by the accept of the writing end, if it is that.
   */
  private final AcceptEvent inBacklog = new AcceptEvent();

  /** Guarded by the write lock. */
  private SocketWriteEvent write;

  private boolean writing;

  /** Guarded by the read lock. */
  private SocketReadEvent read;

  private boolean reading;

  private volatile WriteBlockedEvent blocked;

  /**
   * Begun by the first bytes in an empty ring. Plain, since both ends look at it for all bytes: one
   * that the reader has missed is replaced by the next bytes that find the ring empty.
   */
  private ReadDelayEvent delay;

  JfrTap(JfrRecording recording, Endpoint writer, Endpoint reader) {
    this.recording = recording;
    this.writer = writer;
    this.reader = reader;
    life.begin();
    inBacklog.begin();
  }

  @Override
  public Object owner() {
    return recording;
  }

  // -- the writing end

  @Override
  public void beginWrite() {
    writing = false;
    if (recording.events().allWrites()) {
      startWrite();
    }
  }

  private void startWrite() {
    writing = true;
    if (write == null) {
      write = recording.events().newWrite();
    }
    write.begin();
  }

  @Override
  public void awaitRoom() {
    if (!writing && recording.events().write()) {
      startWrite();
    }
    if (delay == null) {
      noteDelay();
    }
    noteBlocked();
  }

  @Override
  public void endWrite(long position, long result, int free) {
    if (writing) {
      write.end();
      if (result >= 0 && write.shouldCommit() && recording.writes().admits()) {
        tellWrite(result);
      }
    }
    if (result > 0 && reader.totalRead() >= position - result) { // all before was read
      noteDelay();
    }
    if (free == 0) {
      noteBlocked();
    }
  }

  private void tellWrite(long result) {
    SocketWriteEvent event = write;
    event.host = AddressText.host(writer.remoteAddress());
    event.address = AddressText.address(writer.remoteAddress());
    event.port = AddressText.port(writer.remoteAddress());
    event.bytesWritten = result;
    event.route = "ring";
    event.connection = writer.number();
    event.commit();
  }

  /** Notes that there is no room, unless that is noted, or there is room already. */
  private void noteBlocked() {
    if (blocked != null || !recording.events().blocked()) {
      return;
    }
    WriteBlockedEvent event = new WriteBlockedEvent();
    event.begin();
    event.queued = writer.unsent();
    event.writer = Thread.currentThread();
    blocked = event; // a full fence: the reader sees it, or we see the room that it made
    if (hasRoom()) {
      BLOCKED.compareAndSet(this, event, null);
    }
  }

  /** As a writer is woken, see {@code Direction.writable}. */
  private boolean hasRoom() {
    int capacity = writer.sendCapacityBytes();
    return capacity - writer.unsent() >= (capacity + 3) >> 2;
  }

  /** Notes that the first bytes wait; without effect if they were read already. */
  private void noteDelay() {
    if (recording.events().delay()) {
      ReadDelayEvent event = new ReadDelayEvent();
      event.begin();
      delay = event;
    }
  }

  // -- the reading end

  @Override
  public void beginRead() {
    reading = false;
    if (recording.events().allReads()) {
      startRead();
    }
  }

  private void startRead() {
    reading = true;
    if (read == null) {
      read = recording.events().newRead();
    }
    read.begin();
  }

  @Override
  public void awaitBytes() {
    if (!reading && recording.events().read()) {
      startRead();
    }
  }

  @Override
  public void endRead(long position, int result, int unread, int free, int timeoutMillis) {
    if (reading) {
      read.end();
      if (result >= -1 && read.shouldCommit() && recording.reads().admits()) {
        tellRead(result, timeoutMillis);
      }
    }
    if (result > 0) {
      tellDelay(result + unread);
    }
    if (blocked != null && hasRoom()) {
      tellBlocked();
    }
  }

  private void tellRead(int result, int timeoutMillis) {
    SocketReadEvent event = read;
    event.host = AddressText.host(reader.remoteAddress());
    event.address = AddressText.address(reader.remoteAddress());
    event.port = AddressText.port(reader.remoteAddress());
    event.timeout = timeoutMillis;
    event.bytesRead = Math.max(0, result);
    event.endOfStream = result < 0;
    event.route = "ring";
    event.connection = reader.number();
    event.commit();
  }

  private void tellDelay(long queued) {
    ReadDelayEvent event = delay;
    if (event != null) {
      delay = null;
      event.end();
      if (event.shouldCommit()) {
        event.takeEnd(reader);
        event.queued = queued;
        event.commit();
      }
    }
  }

  private void tellBlocked() {
    WriteBlockedEvent event = (WriteBlockedEvent) BLOCKED.getAndSet(this, null);
    if (event != null) {
      event.end();
      if (event.shouldCommit()) {
        event.takeEnd(writer);
        event.capacity = writer.sendCapacityBytes();
        event.commit();
      }
    }
  }

  // -- the life of the writing end

  /** The writing end was handed out by an accept. */
  void accepted(int backlog) {
    inBacklog.end();
    if (inBacklog.shouldCommit()) {
      inBacklog.takeEnd(writer);
      inBacklog.backlog = backlog;
      inBacklog.commit();
    }
  }

  @Override
  public void closed(Endpoint end, Closing how) {
    tellBlocked();
    if (reader.tapOf(recording) instanceof JfrTap other) {
      other.tellBlocked(); // whose reader is gone
    }
    life.end();
    if (life.shouldCommit()) {
      life.takeEnd(end);
      life.bytesRead = end.totalRead();
      life.bytesWritten = end.totalWritten();
      life.unread = end.available();
      life.cause = causeOf(end, how);
      life.commit();
    }
  }

  private String causeOf(Endpoint end, Closing how) {
    if (how == Closing.RESET) {
      return "linger";
    } else if (how == Closing.DROPPED) {
      return "collected";
    } else if (recording.isNetworkClosed()) {
      return "network";
    } else if (end.isAborted()) {
      return "reset";
    }
    return end.isInputFinished() ? "peer" : "close";
  }
}
