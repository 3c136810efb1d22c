package io.nioring.internal.select;

import java.lang.ref.WeakReference;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/**
 * The keys of one outer key with the platform's inner selectors: the polled one and, if users can
 * register the channel themselves, the guard.
 *
 * <p>They belong only to this object: no other outer key ever has them, and only these are
 * cancelled here. Any thread may cancel and change the interest, repeatedly. {@link KernelPoller}
 * registers them and detects when they are gone.
 */
final class InnerKeys {
  /**
   * The attachment of a polled key. Weak: the platform's channel, which the network keeps until
   * ours was collected, must not refer to ours or its selector.
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

  /**
   * Whether both are cancelled and in the cancelled-key sets of their selectors: a cancel has
   * completed.
   */
  private volatile boolean cancelled;

  // Owned by the poller, guarded by its monitor.

  /** The neighbours in the list of all. */
  InnerKeys previous;

  InnerKeys next;

  /** The next in the list of those whose outer key is gone. */
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

  /** The outer key of a polled one; null if it is unreachable. */
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

  /** Passes on the outer key's interest: always the newest, whichever thread comes last. */
  void passInterest() {
    synchronized (this) {
      SelectionKey key = polled;
      if (key != null) {
        try {
          key.interestOps(outer.node().interestOps());
        } catch (CancelledKeyException | ClosedSelectorException e) {
          // Cancelled after the outer key was found valid; the change of interest came before that.
        }
      }
    }
  }

  /**
   * Cancels the keys. When it returns they are, or have been, in the cancelled-key sets of their
   * selectors, even if another thread cancels at the same time; except for a close of the channel,
   * which may be in progress.
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

  /** Whether a selector has deregistered one of these keys. */
  boolean areForgottenBy(Selector selector) {
    SelectionKey key = keyOf(selector);
    return key != null && isGone(key);
  }

  /** Whether a selector still has one of these keys. */
  boolean areIn(Selector selector) {
    SelectionKey key = keyOf(selector);
    return key != null && !isGone(key);
  }

  /** Whether no selector has any of these keys. */
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

  /** Queries the channel: a selector that deregisters a key removes it from there. */
  private boolean isGone(SelectionKey key) {
    return key == null || channel.keyFor(key.selector()) != key;
  }
}
