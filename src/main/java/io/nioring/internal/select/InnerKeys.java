package io.nioring.internal.select;

import java.lang.ref.WeakReference;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/**
 * The keys that one outer key has with the platform's selectors inside: the polled one and, if
 * users can register the channel themselves, the guard.
 *
 * <p>They are this object's alone: no other outer key ever has them, and what is cancelled here is
 * nothing but these. Any thread may cancel and change the interest, repeatedly. {@link
 * KernelPoller} registers them and finds out when they are gone.
 */
final class InnerKeys {
  /**
   * What a polled key has as its attachment. Weak: from the platform's channel, which the network
   * keeps until ours was collected, no reference leads to ours or its selector.
   */
  private static final class Attachment extends WeakReference<RingSelectionKey> {
    Attachment(RingSelectionKey outer) {
      super(outer);
    }
  }

  private final RingSelectionKey outer;
  private final SelectableChannel channel;
  private final Attachment attachment;

  // Written once, by the registering thread; null before, or if the registration failed.

  private volatile SelectionKey polled;
  private volatile SelectionKey guard;

  /** Whether both are cancelled, and in the sets of their selectors: a cancel is over. */
  private volatile boolean cancelled;

  // Owned by the poller, guarded by its monitor.

  /** The neighbours in the list of all. */
  InnerKeys previous;

  InnerKeys next;

  /** The next one of those whose outer key is gone. */
  InnerKeys nextRetired;

  /** Whether there is, or will be, a guard key. */
  boolean guarded;

  /** Whether the outer key is gone. */
  boolean retired;

  InnerKeys(RingSelectionKey outer, SelectableChannel channel) {
    this.outer = outer;
    this.channel = channel;
    this.attachment = new Attachment(outer);
  }

  /** The outer key of a polled one; null if nobody has it any more. */
  static RingSelectionKey outerOf(SelectionKey polled) {
    return ((Attachment) polled.attachment()).get();
  }

  /** The attachment of the polled key. */
  Object attachment() {
    return attachment;
  }

  RingSelectionKey outer() {
    return outer;
  }

  SelectableChannel channel() {
    return channel;
  }

  void setPolled(SelectionKey key) {
    polled = key;
  }

  void setGuard(SelectionKey key) {
    guard = key;
  }

  /** Passes the outer key's interest on: always the newest, whichever thread comes last. */
  void passInterest() {
    synchronized (this) {
      SelectionKey key = polled;
      if (key != null) {
        try {
          key.interestOps(outer.node().interestOps());
        } catch (CancelledKeyException | ClosedSelectorException e) {
          // Cancelled since the outer key was found valid; the change itself came before that.
        }
      }
    }
  }

  /**
   * Cancels the keys. When it returns they are in the cancelled-key sets of their selectors, or
   * were, also if another thread cancels at the same time; but for a close of the channel, which
   * may be half through it.
   */
  void cancel() {
    if (cancelled) {
      return;
    }
    synchronized (this) {
      cancel(polled);
      cancel(guard);
      cancelled = true;
    }
  }

  private static void cancel(SelectionKey key) {
    if (key != null) {
      key.cancel();
    }
  }

  /** Whether a selector that had a key of these has forgotten it. */
  boolean areForgottenBy(Selector selector) {
    SelectionKey key = keyOf(selector);
    return key != null && isGone(key);
  }

  /** Whether a selector still has a key of these. */
  boolean areIn(Selector selector) {
    SelectionKey key = keyOf(selector);
    return key != null && !isGone(key);
  }

  /** Whether no selector has a key of these. */
  boolean areGone() {
    return isGone(polled) && isGone(guard);
  }

  private SelectionKey keyOf(Selector selector) {
    SelectionKey key = polled;
    return key != null && key.selector() == selector ? key : guardOf(selector);
  }

  private SelectionKey guardOf(Selector selector) {
    SelectionKey key = guard;
    return key != null && key.selector() == selector ? key : null;
  }

  /** Asks the channel: a selector that forgets a key takes it away from there. */
  private boolean isGone(SelectionKey key) {
    return key == null || channel.keyFor(key.selector()) != key;
  }
}
