package io.nioring.internal.hybrid;

import io.nioring.internal.platform.PlatformSelectors;
import io.nioring.internal.poll.Millis;
import io.nioring.internal.poll.SpinWait;
import io.nioring.internal.select.IgnoredKeys;
import io.nioring.internal.time.Deadline;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.Selector;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Waits for a channel of the platform and for a ring at the same time: in a private selector, which
 * is woken when something comes over the ring.
 *
 * <p>One thread at a time opens, looks and waits, as its owner's lock admits it; any thread may
 * wake and close.
 */
final class DualWait {
  /** How long a close waits for a thread to leave the select before it looks what keeps that. */
  private static final long LEAVE_MILLIS = 100;

  /**
   * How often it does: far more than it takes, since the thread may have to wait for a processor.
   */
  private static final int MOST_LOOKS = 100;

  private final SelectorProvider platform;
  private final SelectableChannel channel;
  private final int operation;

  /** Held by the thread that is in the platform's select or closes the selector. */
  private final ReentrantLock selecting = new ReentrantLock();

  /** Null until it is opened, which costs descriptors. */
  private volatile Selector selector;

  private volatile boolean waiting;

  /** The thread that is in the select, or was last. */
  private volatile Thread selectingThread;

  /**
   * A wait that has no selector yet.
   *
   * @param channel a non-blocking channel of the platform
   * @param operation what is waited for: a bit of its interest set
   */
  DualWait(SelectorProvider platform, SelectableChannel channel, int operation) {
    this.platform = platform;
    this.channel = channel;
    this.operation = operation;
  }

  /** Whether there is a selector. */
  boolean isOpen() {
    return selector != null;
  }

  /** Opens the selector. */
  void open() throws IOException {
    Selector opened = PlatformSelectors.open(platform);
    try {
      channel.register(opened, operation);
    } catch (IOException | RuntimeException | Error e) {
      opened.close();
      throw e;
    }
    selector = opened;
    if (!channel.isOpen()) {
      opened.close(); // a concurrent close did not see it
    }
  }

  /**
   * Whether the channel is ready now; also if it was closed meanwhile, as its next call reports.
   */
  boolean isReady() throws IOException {
    try {
      return selector.selectNow(IgnoredKeys.ALL) > 0;
    } catch (ClosedSelectorException e) {
      return true;
    }
  }

  /**
   * Waits for the channel, a {@link #wake}, a close or an interrupt.
   *
   * @param overRing whether the ring has something: checked after the announcement
   * @param nanos the longest time to wait
   * @return whether the channel is ready
   */
  boolean await(SpinWait.Condition overRing, long nanos) throws IOException {
    if (selector == null) {
      open();
    }
    selecting.lock();
    selectingThread = Thread.currentThread();
    waiting = true;
    VarHandle
        .fullFence(); // the announcement before the look: pairs with PollSet's publish and wake
    try {
      if (overRing.holds()) {
        return false;
      }
      int ready =
          nanos == Deadline.FOREVER
              ? selector.select(IgnoredKeys.ALL)
              : selector.select(IgnoredKeys.ALL, Millis.roundedUp(nanos));
      return ready > 0;
    } catch (ClosedSelectorException e) {
      return false; // closed by another thread: the caller sees it
    } finally {
      waiting = false;
      selecting.unlock();
      if (!channel.isOpen()) {
        closeSelector(); // a close may have left it to us
      }
    }
  }

  /** Whether a thread is waiting. */
  boolean isWaiting() {
    return waiting;
  }

  /** Ends a wait. */
  void wake() {
    if (waiting) {
      selector.wakeup();
    }
  }

  /** Closes the channel and the selector; may be called repeatedly. */
  void close() throws IOException {
    try {
      channel.close();
    } finally {
      if (selector != null) {
        closeSelector();
      }
    }
  }

  /**
   * Closes the selector, and with it the descriptor of the channel, which was registered; but if a
   * thread is inside a select and cannot leave, that thread does it. Until then the kernel has the
   * address.
   *
   * <p>On JDK 17 a thread that interrupts one that is about to select closes our channel on its
   * behalf, and until then blocks it from entering or leaving the select. An unbounded wait, as in
   * the selector's own close, would be a deadlock.
   */
  private void closeSelector() throws IOException {
    selector.wakeup();
    if (isNobodySelecting()) {
      try {
        selector.close();
      } finally {
        selecting.unlock();
      }
    }
  }

  /** Takes the selecting lock, waiting for a thread that was woken to leave. */
  private boolean isNobodySelecting() {
    try {
      boolean left = false;
      for (int looks = 0; !left && looks < MOST_LOOKS && (looks == 0 || mayLeave()); looks++) {
        left = selecting.tryLock(LEAVE_MILLIS, TimeUnit.MILLISECONDS);
      }
      return left;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return selecting.tryLock();
    }
  }

  /** Whether the thread in the select is not blocked by another one, which may be this one. */
  private boolean mayLeave() {
    Thread inside = selectingThread;
    return inside != null && inside.getState() != Thread.State.BLOCKED;
  }
}
