package io.nioring.internal.network;

import io.nioring.internal.platform.ThreadStarter;
import io.nioring.internal.stream.Closing;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.Rights;
import io.nioring.internal.stream.RightsInFlight;
import io.nioring.socket.DescriptorRight;
import io.nioring.socket.Right;
import java.io.IOException;
import java.util.List;

/**
 * Closes the rights that were in flight to an end that is closed.
 *
 * <p>{@code AbstractInterruptibleChannel} holds its own lock during close. Closing another channel
 * under that lock could deadlock: two channels may each be in flight to the other. So channels are
 * queued for a thread that holds no such lock; descriptors are closed at once. A single thread does
 * this, and also takes the channels that its own closing adds to the queue, so that a chain of
 * channels in flight needs neither more threads nor a deeper stack.
 *
 * <p>If the thread cannot be started they stay in the queue. The next addition tries again, the
 * housekeeping thread checks, and the network's close processes the queue itself. Thread-safe.
 */
public final class RightsCloser {
  private final ThreadStarter threads;

  // Guarded by this object's monitor.

  private Batch first;
  private Batch last;

  /** Whether a thread is processing the queue. */
  private boolean working;

  /** What there was no memory to take; the housekeeping tries again. */
  private final RightsInFlight.Waiting stranded = new RightsInFlight.Waiting();

  /** Rights in the queue. */
  private static final class Batch {
    private List<Right> rights;
    private int closed;
    private Batch next;

    /** Goes on to the next channel; false if there is none. */
    boolean hasChannels() {
      while (closed < rights.size() && rights.get(closed) instanceof DescriptorRight) {
        closed++; // no iterator, which may find no memory
      }
      return closed < rights.size();
    }

    /** The next channel; null if there is none. */
    Right nextChannel() {
      if (!hasChannels()) {
        return null;
      }
      closed++;
      return rights.get(closed - 1);
    }
  }

  RightsCloser(ThreadStarter threads) {
    this.threads = threads;
  }

  /** Closes rights, channels asynchronously; may be called with any lock held. */
  public void close(List<Right> inFlight) {
    if (!inFlight.isEmpty()) {
      close(new Batch(), inFlight);
    }
  }

  /**
   * As above, or later if there is no memory for it now.
   *
   * @param inFlight null for none
   */
  public void close(RightsInFlight inFlight) {
    if (inFlight != null && !isTaken(inFlight)) {
      strand(inFlight);
    }
  }

  /** Closes an end of a connection and, whatever fails, the rights in flight to it. */
  public void close(Endpoint end, Closing how) {
    try {
      end.leave(how);
    } finally {
      close(end.rightsInFlight());
    }
  }

  /** Closes those that a listener has left, as above. */
  public void closeAll(RightsInFlight.Waiting all) {
    for (RightsInFlight next = all.poll(); next != null; next = all.poll()) {
      close(next);
    }
  }

  /** Takes and closes rights; false if there is no memory for that. */
  private boolean isTaken(RightsInFlight inFlight) {
    try {
      Batch batch = new Batch(); // before they are taken
      close(batch, inFlight.discard());
      return true;
    } catch (VirtualMachineError | LinkageError e) {
      return false;
    }
  }

  private void close(Batch batch, List<Right> rights) {
    batch.rights = rights;
    Rights.closeDescriptors(rights);
    if (batch.hasChannels() && isForCaller(batch)) {
      startWorker();
    }
  }

  private synchronized void strand(RightsInFlight inFlight) {
    stranded.add(inFlight);
  }

  private synchronized RightsInFlight nextStranded() {
    return stranded.poll();
  }

  /** Whether nothing is left to do for the housekeeping. */
  synchronized boolean isIdle() {
    return stranded.isEmpty() && (first == null || working);
  }

  /** Adds to the queue; whether there is work that no thread is doing. */
  private synchronized boolean isForCaller(Batch added) {
    if (first == null) {
      first = added;
    } else {
      last.next = added;
    }
    last = added;
    return beginWork();
  }

  /** Makes the caller the one that processes the queue, if it is not empty. */
  private synchronized boolean beginWork() {
    if (working || first == null) {
      return false;
    }
    working = true;
    return true;
  }

  private void startWorker() {
    try {
      threads.start("nioring-discard", this::work);
    } catch (Throwable e) {
      stopWork(); // no thread, or no memory for one; see the class comment
    }
  }

  private synchronized void stopWork() {
    working = false;
  }

  /**
   * Closes what is queued unless another thread is doing so; for a caller that holds no lock. Never
   * throws.
   */
  void closeStranded() {
    boolean goesOn = true;
    while (goesOn) {
      RightsInFlight next = nextStranded();
      goesOn = next != null && isTaken(next);
      if (next != null && !goesOn) {
        strand(next);
      }
    }
    if (beginWork()) {
      work();
    }
  }

  private void work() {
    boolean done = false;
    while (!done) {
      try {
        done = closeNext();
      } catch (Throwable e) {
        logFailure(e);
      }
    }
  }

  /** Closes the next right in the queue; returns true if there is none. */
  private boolean closeNext() throws IOException {
    Right right = next();
    if (right != null) {
      right.close();
    }
    return right == null;
  }

  /** Nobody else works while this thread does: it does not end if there is no room for the text. */
  private static void logFailure(Throwable failure) {
    try {
      BackgroundFailures.log("cannot close a channel that was in flight", failure);
    } catch (VirtualMachineError | LinkageError e) {
      return;
    }
  }

  /** The next in the queue; null if it is empty, which ends the processing. */
  private synchronized Right next() {
    while (first != null) {
      Right channel = first.nextChannel();
      if (channel != null) {
        return channel;
      }
      first = first.next;
    }
    working = false;
    return null;
  }
}
