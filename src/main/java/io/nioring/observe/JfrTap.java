package io.nioring.observe;

import io.nioring.internal.stream.Closing;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.Tap;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Records the traffic of one direction of a connection as events.
 *
 * <p>The events of reads and of writes are reused, each under the lock of its side. Those of a wait
 * are begun by one end and committed by the other: the end that removes an event from its field
 * owns it.
 */
final class JfrTap implements Tap {
  private static final VarHandle BLOCKED;
  private static final VarHandle DELAYED_FROM;

  /** No waiting bytes are noted. */
  private static final long NONE = -1;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      BLOCKED = lookup.findVarHandle(JfrTap.class, "blocked", WriteBlockedEvent.class);
      DELAYED_FROM = lookup.findVarHandle(JfrTap.class, "delayedFrom", long.class);
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
  private long writtenTo;

  /** Guarded by the read lock. */
  private SocketReadEvent read;

  private boolean reading;
  private long readTo;

  private volatile WriteBlockedEvent blocked;

  /**
   * Begun by the writing end when bytes come into an empty ring; ended by the reading end with the
   * bytes. Reused once the reading end has released it, by {@link #delayedFrom}.
   */
  private ReadDelayEvent delay;

  /**
   * The position of the first byte of those that wait, from when on the event is the reading end's;
   * {@link #NONE} if it is the writing end's. Written without a compare-and-set, since both ends
   * read it for all bytes: if both change it at the same moment, the note of these bytes may be
   * lost.
   */
  @SuppressWarnings("UnusedVariable") // through its handle
  private long delayedFrom = NONE;

  JfrTap(JfrRecording recording, Endpoint writer, Endpoint reader) {
    this.recording = recording;
    this.writer = writer;
    this.reader = reader;
    this.writtenTo = writer.totalWritten();
    this.readTo = reader.totalRead();
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
    noteDelay(0, writer.totalWritten());
    noteBlocked();
  }

  @Override
  public void endWrite(long position, long result, int free) {
    long moved = position - writtenTo;
    writtenTo = position;
    if (writing) {
      write.end();
      boolean told = result >= 0 || moved > 0; // what was transferred before a failure counts
      if (told && write.shouldCommit() && write.admits()) {
        tellWrite(result >= 0 ? result : moved);
      }
    }
    if (moved > 0) {
      noteDelay(position - moved, position);
    }
    if (free == 0) {
      noteBlocked();
    }
  }

  private void tellWrite(long result) {
    SocketWriteEvent event = write;
    event.host = AddressText.eventHost(writer.remoteAddress());
    event.address = AddressText.address(writer.remoteAddress());
    event.port = AddressText.port(writer.remoteAddress());
    event.bytesWritten = result;
    event.route = "ring";
    event.connection = writer.number();
    event.commit();
  }

  /** Notes that there is no room, unless it has been noted or there is room again. */
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

  /**
   * Notes that bytes wait, if all before them were read and it has not been noted.
   *
   * @param start where they begin
   * @param end where they end
   */
  private void noteDelay(long start, long end) {
    long from = reader.totalRead();
    if (from >= start && from < end && delayedFrom() < from && recording.events().delay()) {
      ReadDelayEvent event = delay;
      if (event == null || delayedFrom() != NONE) { // the reading end may be about to commit it
        event = new ReadDelayEvent();
        delay = event;
      }
      event.begin();
      DELAYED_FROM.setRelease(this, from); // pairs with delayedFrom() in tellDelay
    }
  }

  private long delayedFrom() {
    return (long) DELAYED_FROM.getAcquire(this);
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
    long moved = position - readTo;
    readTo = position;
    if (reading) {
      read.end();
      boolean movesBytes = result > 0 || result < -1;
      boolean told = !movesBytes || moved > 0; // not what was only peeked at
      if (told && read.shouldCommit() && read.admits()) {
        tellRead(result < -1 ? moved : result, timeoutMillis);
      }
    }
    if (moved > 0) {
      tellDelay(position, moved, unread);
    }
    if (blocked != null && hasRoom()) {
      tellBlocked();
    }
  }

  private void tellRead(long result, int timeoutMillis) {
    SocketReadEvent event = read;
    event.host = AddressText.eventHost(reader.remoteAddress());
    event.address = AddressText.address(reader.remoteAddress());
    event.port = AddressText.port(reader.remoteAddress());
    event.timeout = timeoutMillis;
    event.bytesRead = Math.max(0, result);
    event.endOfStream = result < 0;
    event.route = "ring";
    event.connection = reader.number();
    event.commit();
  }

  /** Removes the note of bytes that were read, unless it concerns later ones. */
  private void tellDelay(long position, long moved, int unread) {
    long from = delayedFrom();
    if (from == NONE || from >= position) {
      return;
    }
    ReadDelayEvent event = delay;
    if (from >= position - moved) { // else it came too late, for bytes of an earlier read
      event.end();
      if (event.shouldCommit()) {
        event.takeEnd(reader);
        event.queued = moved + unread;
        event.commit();
      }
    }
    if (delayedFrom() == from) {
      DELAYED_FROM.setRelease(this, NONE); // pairs with delayedFrom() in noteDelay
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

  /** The writing end was accepted. */
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
    } else if (how == Closing.DROPPED || how == Closing.COLLECTED) {
      return "collected";
    } else if (recording.isNetworkClosed()) {
      return "network";
    } else if (end.isAborted()) {
      return "reset";
    }
    return end.isInputFinished() ? "peer" : "close";
  }
}
