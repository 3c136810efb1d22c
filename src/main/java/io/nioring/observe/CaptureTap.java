package io.nioring.observe;

import io.nioring.internal.stream.Closing;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.Tap;
import io.nioring.observe.CaptureQueue.Kind;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Adds the events of one direction of a captured connection to the capture's queue: data before the
 * reader can see it, reads after they have happened.
 */
class CaptureTap implements Tap {
  private static final int FINISHED = 1;
  private static final int RESET = 1 << 1;
  private static final int ABANDONED = 1 << 2;

  /** What was reported: each bit is set when the record is in the queue. */
  private static final int CLOSED_TOLD = 1 << 3;

  private static final int END_TOLD = 1 << 4;
  private static final int OVER = 1 << 5;

  private final Capture capture;
  private final CapturedConnection connection;
  private final boolean byClient;
  private final int segmentBytes;
  private final AtomicInteger state = new AtomicInteger();

  // Guarded by the reading end's read lock.

  private long read;
  private boolean readEnd;

  /**
   * Makes one.
   *
   * @param byClient whether the client writes in this direction
   * @param segmentBytes the most bytes that go into one packet
   * @param read how many bytes were read so far
   */
  CaptureTap(
      Capture capture,
      CapturedConnection connection,
      boolean byClient,
      int segmentBytes,
      long read) {
    this.capture = capture;
    this.connection = connection;
    this.byClient = byClient;
    this.segmentBytes = segmentBytes;
    this.read = read;
  }

  @Override
  public Object owner() {
    return capture;
  }

  @Override
  public boolean wantsBytes() {
    return true;
  }

  @Override
  public void sending(long position, ByteBuffer bytes) {
    long at = position;
    while (bytes.hasRemaining()) {
      int count = Math.min(bytes.remaining(), segmentBytes);
      int kept = Math.min(count, capture.snapBytes());
      offer(Kind.DATA, byClient, at, count, bytes, kept);
      bytes.position(bytes.position() + count);
      at += count;
    }
  }

  @Override
  public void endRead(long position, int result, int unread, int free, int timeoutMillis) {
    if (position != read) {
      read = position;
      offer(Kind.READ, !byClient, position, free);
    }
    if (result == -1 && !readEnd) {
      readEnd = true;
      offer(Kind.READ_END, !byClient, position, 0);
    }
  }

  @Override
  public void finished(long position) {
    if (isFirst(FINISHED)) {
      offer(Kind.FINISHED, byClient, position, 0);
      told(END_TOLD);
    }
  }

  @Override
  public void reset(long position) {
    if (isFirst(RESET)) {
      remark(Kind.RESET, position, "reset");
      told(END_TOLD);
    }
  }

  @Override
  public void closed(Endpoint end, Closing how) {
    offer(Kind.CLOSED, byClient, 0, 0);
    told(CLOSED_TOLD);
  }

  @Override
  public void abandoned(Endpoint end) {
    if (isFirst(ABANDONED)) {
      remark(Kind.REMARK, 0, "the " + side(byClient) + " was dropped without close");
      told(CLOSED_TOLD | END_TOLD);
    }
  }

  @Override
  public void sendingRights(int count) {
    remark(Kind.REMARK, 0, "the " + side(byClient) + " passes " + count + " descriptors");
  }

  @Override
  public void inputShut() {
    remark(Kind.REMARK, 0, "the " + side(!byClient) + " has shut its input");
  }

  /** A simulation has applied a fault to the connection. */
  void fault(String fault) {
    remark(Kind.REMARK, 0, "fault: " + fault);
  }

  /** The connection was made, and nothing has happened on it yet. */
  void connected(String name) {
    remark(Kind.CONNECTED, 0, "connection " + name + " " + connection.addresses().remark());
  }

  /** The connection existed when the capture began. */
  void met(String name) {
    CaptureAddresses addresses = connection.addresses();
    String text = "captured from the middle of connection " + name;
    remark(Kind.REMARK, 0, text + " " + addresses.remark());
  }

  /** The writing end was closed before the tap was added, or is being closed. */
  void wasClosed() {
    ended();
  }

  /** The writing end was accepted. */
  void accepted(int backlog) {
    remark(Kind.REMARK, 0, "accepted, " + backlog + " left in the queue,");
  }

  private static String side(boolean client) {
    return client ? "client" : "server";
  }

  private void remark(Kind kind, long position, String text) {
    String whole = text.strip() + " by thread " + Thread.currentThread().getName();
    byte[] bytes = Utf8.beginning(whole, capture.queue().maxPayload());
    offer(kind, byClient, position, 0, ByteBuffer.wrap(bytes), bytes.length);
  }

  private void offer(Kind kind, boolean ofClient, long position, int number) {
    capture.queue().offer(kind, key(ofClient), capture.nanoTime(), position, number);
  }

  private void offer(
      Kind kind, boolean ofClient, long position, int number, ByteBuffer payload, int kept) {
    capture.queue().offer(kind, key(ofClient), capture.nanoTime(), position, number, payload, kept);
  }

  private long key(boolean ofClient) {
    return connection.key() << 1 | (ofClient ? 1 : 0);
  }

  private boolean isFirst(int bit) {
    return (state.getAndUpdate(now -> now | bit) & bit) == 0;
  }

  /** Between two ends that have closed nothing arrives any more. */
  final void endIfBothClosed(Endpoint end) {
    if (end.peer().isClosed()) {
      ended();
      if (end.peer().tapOf(capture) instanceof CaptureTap back) {
        back.ended();
      }
    }
  }

  /** No more events follow. */
  final void ended() {
    told(CLOSED_TOLD | END_TOLD);
  }

  /** Notes which records are in the queue, and whether more may follow. */
  private void told(int bits) {
    int now = state.updateAndGet(before -> before | bits);
    int all = CLOSED_TOLD | END_TOLD;
    if ((now & all) == all && isFirst(OVER)) {
      capture.directionIsOver(connection);
    }
  }
}
