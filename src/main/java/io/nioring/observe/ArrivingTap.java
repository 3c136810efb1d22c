package io.nioring.observe;

import io.nioring.internal.stream.Closing;
import io.nioring.internal.stream.Endpoint;
import java.nio.ByteBuffer;
import java.util.LinkedList;

/**
 * Records a direction as seen at the host where it arrives: bytes and ends at their arrival, and
 * never what is lost. It keeps the bytes until then, in memory of its own.
 */
final class ArrivingTap extends CaptureTap {
  /**
   * Bytes in transit.
   *
   * @param position that of the first
   */
  private record Sent(long position, ByteBuffer bytes) {
    long end() {
      return position + bytes.remaining();
    }
  }

  /**
   * The bytes in transit; guarded by its own monitor. A list of nodes: an {@link
   * java.util.ArrayDeque} that cannot grow loses what it has.
   */
  @SuppressWarnings("JdkObsolete")
  private final LinkedList<Sent> underWay = new LinkedList<>();

  private volatile long arrived;

  /** As {@link CaptureTap}. */
  ArrivingTap(
      Capture capture,
      CapturedConnection connection,
      boolean byClient,
      int segmentBytes,
      long read) {
    super(capture, connection, byClient, segmentBytes, read);
    arrived = read;
  }

  @Override
  public void sending(long position, ByteBuffer bytes) {
    try {
      ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
      synchronized (underWay) {
        underWay.add(new Sent(position, copy));
      }
    } catch (OutOfMemoryError e) {
      // They are missing in the capture, which shows a gap; the program's write goes on.
    }
  }

  @Override
  public void arriving(long position) {
    for (Sent next = next(position); next != null; next = next(position)) {
      super.sending(next.position, next.bytes);
    }
    arrived = position;
  }

  /** Removes the next bytes below a position; null if there are none. */
  private Sent next(long upTo) {
    synchronized (underWay) {
      Sent first = underWay.peek();
      if (first == null || first.position >= upTo) {
        return null;
      }
      if (first.end() <= upTo) {
        return underWay.remove();
      }
      int count = (int) (upTo - first.position);
      Sent arrived = new Sent(first.position, first.bytes.slice(0, count));
      ByteBuffer rest = first.bytes.slice(count, first.bytes.remaining() - count);
      underWay.set(0, new Sent(upTo, rest)); // last: without memory nothing has arrived
      return arrived;
    }
  }

  @Override
  public void finished(long position) {
    // It is on its way.
  }

  @Override
  public void finishArriving() {
    super.finished(arrived);
  }

  @Override
  public void reset(long position) {
    super.reset(arrived);
  }

  @Override
  public void closed(Endpoint end, Closing how) {
    if (end.peer().hearsReads()) { // otherwise nothing that the end does is reported
      super.closed(end, how);
    }
    endIfBothClosed(end);
  }
}
