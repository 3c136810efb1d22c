package io.nioring.internal.network;

import io.nioring.internal.platform.ThreadStarter;
import io.nioring.internal.stream.Rights;
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

  private Waiting first;
  private Waiting last;

  /** Whether a thread is processing the queue. */
  private boolean working;

  /** A right in the queue. */
  private static final class Waiting {
    final Right right;
    Waiting next;

    Waiting(Right right) {
      this.right = right;
    }
  }

  RightsCloser(ThreadStarter threads) {
    this.threads = threads;
  }

  /** Closes rights, channels asynchronously; may be called with any lock held. */
  public void close(List<Right> inFlight) {
    if (inFlight.isEmpty()) {
      return;
    }
    Rights.closeDescriptors(inFlight);
    if (enqueueChannels(inFlight)) {
      startWorker();
    }
  }

  /** Whether there is work that no thread is doing. */
  private synchronized boolean enqueueChannels(List<Right> rights) {
    for (Right right : rights) {
      if (!(right instanceof DescriptorRight)) {
        enqueue(new Waiting(right));
      }
    }
    return beginWork();
  }

  private void enqueue(Waiting added) {
    if (first == null) {
      first = added;
    } else {
      last.next = added;
    }
    last = added;
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
    Waiting taken = first;
    if (taken == null) {
      working = false;
      return null;
    }
    first = taken.next;
    return taken.right;
  }
}
