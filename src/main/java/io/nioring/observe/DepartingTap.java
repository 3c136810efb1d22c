package io.nioring.observe;

import io.nioring.internal.stream.Closing;
import io.nioring.internal.stream.Endpoint;

/**
 * Records a direction as seen at the host of its writing end: data when it is sent, whether or not
 * it arrives, and the other end's reads while acknowledgements can arrive.
 */
final class DepartingTap extends CaptureTap {
  private static final int NOTHING = -3;

  private final Endpoint writing;

  // Guarded by this object's monitor: a read that the writing end does not know of yet.

  private int unheard = NOTHING;
  private long position;
  private int free;

  /**
   * Makes one; as {@link CaptureTap}.
   *
   * @param writing the end that is on the host
   */
  DepartingTap(
      Capture capture,
      CapturedConnection connection,
      boolean byClient,
      int segmentBytes,
      long read,
      Endpoint writing) {
    super(capture, connection, byClient, segmentBytes, read);
    this.writing = writing;
  }

  @Override
  public synchronized void endRead(
      long position, int result, int unread, int free, int timeoutMillis) {
    if (writing.hearsReads()) {
      super.endRead(position, result, unread, free, timeoutMillis);
      return;
    }
    this.position = position;
    this.free = free;
    unheard = unheard == -1 ? -1 : result; // an end stays one
  }

  @Override
  public synchronized void heard() {
    if (unheard != NOTHING) {
      super.endRead(position, unheard, 0, free, 0);
      unheard = NOTHING;
    }
  }

  @Override
  public void resetting(long position) {
    super.reset(position);
  }

  @Override
  public void closed(Endpoint end, Closing how) {
    super.closed(end, how);
    endIfBothClosed(end);
  }
}
