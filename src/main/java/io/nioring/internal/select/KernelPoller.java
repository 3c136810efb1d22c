package io.nioring.internal.select;

import io.nioring.internal.platform.PlatformProvider;
import io.nioring.internal.platform.PlatformSelectors;
import io.nioring.internal.poll.Millis;
import io.nioring.internal.time.Clock;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.StampedLock;
import java.util.function.Consumer;

/**
 * The platform's selector inside ours, for the channels that belong to the kernel.
 *
 * <p>Opened with the first such channel, or before. A polled key refers to its outer key weakly,
 * through its attachment. Registering, retiring and waking may be done by any thread; polling,
 * flushing and closing only by the selecting thread.
 *
 * <h2>The guard</h2>
 *
 * The platform closes the descriptor of a closed channel when one of its selectors deregisters a
 * key of the channel and no other is left. A channel of the platform's that users register with us
 * has two keys: the outer one and ours inside. If another thread closes the channel while this
 * thread is in the platform's select, that select deregisters the inner key before it returns,
 * while the outer one is still there, and the descriptor would never be closed. So such a channel
 * is also registered, with no interest, with a second selector of the platform's, the guard, in
 * which no thread ever waits.
 *
 * <h2>Why no descriptor is lost</h2>
 *
 * The invariant: while an outer key is registered, at most one of its inner keys has been
 * deregistered. Then an inner one is removed last, after the outer one, and its selector closes the
 * descriptor. Only the selecting thread makes the two selectors deregister keys, and it maintains
 * the invariant as follows: before the guard deregisters, each outer key whose polled key is gone
 * is dropped; before anything is polled or flushed again, each whose guard key is gone. Whether any
 * is gone is seen from the number of keys of a selector: a registration is in the list here before
 * it is made with a selector, so a selector with fewer keys than the list has lost some. Nothing
 * depends on the order in which a close cancels, nor on when the outer key is added to our own
 * cancelled-key set.
 *
 * <p>The inner keys of a dropped outer key are <em>retired</em>: cancelled, and flushed in each
 * select until the channel no longer returns them. Until then no registration of the same channel
 * begins, so that none can share them.
 *
 * <h2>Locks</h2>
 *
 * This object's monitor guards the lists, is held briefly, and no other lock is taken under it. In
 * particular no key is looked up in its channel, whose lock a registering thread holds.
 */
final class KernelPoller {
  /** How long a thread that finds its rings ready may go without polling the kernel. */
  private static final long POLL_INTERVAL_NANOS = 50_000;

  /** How long a close without memory to wait pauses before it looks at the lock again. */
  private static final long LOOK_NANOS = 100_000;

  private final PlatformProvider platform;
  private final Clock clock;
  private volatile Selector inner;
  private volatile Selector guard;

  // The lists are written under this object's monitor. Registering threads add at the head; only
  // the
  // selecting thread removes, so that it may follow the links without the monitor.

  /** All that may have an inner key, including the retired ones. */
  private volatile InnerKeys all;

  /** Those whose outer key is gone, linked by {@code nextRetired}. */
  private volatile InnerKeys retired;

  /** How many of them are not retired. */
  private int live;

  /** How many of these are guarded. */
  private int liveGuarded;

  /**
   * Held shared while a channel is registered with the platform's selectors, and exclusively to
   * close them: the platform's register without interest may find its selector open and leave its
   * key in the channel after the close. It is taken after the locks of the channel.
   */
  private final StampedLock registering = new StampedLock();

  /** Guarded by the lock above. */
  private boolean closed;

  /** When the last poll ended; used by the selecting thread. */
  private long polledAt;

  KernelPoller(PlatformProvider platform, Clock clock) {
    this.platform = platform;
    this.clock = clock;
    this.polledAt = clock.nanoTime() - POLL_INTERVAL_NANOS;
  }

  /** Whether there is anything to poll. */
  boolean isActive() {
    return all != null;
  }

  // -- registering

  /**
   * Opens the selector now, so that no registration fails later for lack of descriptors; does
   * nothing where the platform's provider is not available.
   */
  void open() throws IOException {
    if (inner == null && platform.isAvailable()) {
      long stamp = registering.readLock();
      try {
        innerSelector();
      } finally {
        registering.unlockRead(stamp);
      }
    }
  }

  /**
   * Registers a channel that is known only to us.
   *
   * @throws IOException if the channel is closed or the platform's selector cannot be opened
   * @throws CancelledKeyException if the selector has not deregistered an earlier key of the
   *     channel yet, which the next select does
   */
  void register(InnerKeys keys, int ops) throws IOException {
    synchronized (keys.channel().blockingLock()) { // the check and the registration in one step
      registerWhileOpen(keys, ops, false);
    }
  }

  /**
   * Registers a platform channel with which the outer key is being registered too, which keeps
   * others from registering it.
   *
   * @throws IOException as {@link #register}
   * @throws CancelledKeyException as {@link #register}
   */
  void registerGuarded(InnerKeys keys, int ops) throws IOException {
    registerWhileOpen(keys, ops, true);
  }

  private void registerWhileOpen(InnerKeys keys, int ops, boolean guarded) throws IOException {
    long stamp = registering.readLock();
    try {
      SelectableChannel channel = keys.channel();
      Selector polling = innerSelector();
      Selector guarding = guarded ? guardSelector() : null;
      ensureForgotten(channel, polling);
      if (guarded) {
        ensureForgotten(channel, guarding);
      }
      add(keys, guarded);
      register(keys, ops, polling, guarding);
    } finally {
      registering.unlockRead(stamp);
    }
  }

  private void register(InnerKeys keys, int ops, Selector polling, Selector guarding)
      throws IOException {
    SelectableChannel channel = keys.channel();
    boolean registered = false;
    try {
      if (guarding != null) {
        keys.setGuard(channel.register(guarding, 0)); // the polled one must not exist without it
      }
      keys.setPolled(channel.register(polling, ops, keys.attachment()));
      registered = true;
    } finally {
      if (!registered) {
        retire(keys); // the channel was closed meanwhile: the close cancels its keys
      }
    }
  }

  private static void ensureForgotten(SelectableChannel channel, Selector selector) {
    if (channel.keyFor(selector) != null) {
      throw new CancelledKeyException();
    }
  }

  private synchronized Selector innerSelector() throws IOException {
    ensureOpen();
    if (inner == null) {
      inner = PlatformSelectors.open(platform.get());
    }
    return inner;
  }

  private synchronized Selector guardSelector() throws IOException {
    ensureOpen();
    if (guard == null) {
      guard = platform.get().openSelector();
    }
    return guard;
  }

  private void ensureOpen() {
    if (closed) {
      throw new ClosedSelectorException();
    }
  }

  private synchronized void add(InnerKeys keys, boolean guarded) {
    keys.guarded = guarded;
    keys.next = all;
    if (all != null) {
      all.previous = keys;
    }
    all = keys;
    live++;
    liveGuarded += guarded ? 1 : 0;
  }

  /**
   * Cancels the inner keys of an outer key that is gone, or whose registration failed; {@link
   * #flush} must follow. Does nothing if that was done before.
   */
  void retire(InnerKeys keys) {
    keys.cancel();
    synchronized (this) {
      if (keys.retired) {
        return;
      }
      keys.retired = true;
      keys.nextRetired = retired;
      retired = keys;
      live--;
      liveGuarded -= keys.guarded ? 1 : 0;
    }
  }

  // -- forgetting

  /** Whether {@link #flush} has something to do. */
  boolean hasRetired() {
    return retired != null;
  }

  /**
   * Makes the platform's selectors deregister the retired keys whose cancel has completed.
   *
   * @param drop drops an outer key, which retires its inner ones
   */
  void flush(Consumer<RingSelectionKey> drop) throws IOException {
    flush(inner, drop);
    flush(guard, drop);
    removeForgotten();
  }

  private void flush(Selector selector, Consumer<RingSelectionKey> drop) throws IOException {
    if (selector == null) {
      return;
    }
    try {
      selector.selectNow(IgnoredKeys.ALL);
    } finally {
      // In this order: a concurrent registration is at most missing here.
      int there = selector.keys().size();
      if (there < countWanted(selector)) {
        dropForgotten(selector, drop);
      }
    }
  }

  /** The number of keys of a selector that has deregistered none of a live registration. */
  private int countWanted(Selector selector) {
    int wanted;
    InnerKeys first;
    synchronized (this) {
      wanted = selector == guard ? liveGuarded : live;
      first = retired;
    }
    for (InnerKeys keys = first; keys != null; keys = keys.nextRetired) {
      wanted += keys.areIn(selector) ? 1 : 0;
    }
    return wanted;
  }

  /** Drops each outer key of a guarded channel whose key is no longer in the selector. */
  private void dropForgotten(Selector selector, Consumer<RingSelectionKey> drop) {
    for (InnerKeys keys = all; keys != null; keys = keys.next) {
      if (keys.guarded && !keys.retired && keys.areForgottenBy(selector)) {
        drop.accept(keys.outer());
      }
    }
  }

  /** Removes the retired ones that are in no selector any more from the lists. */
  private void removeForgotten() {
    InnerKeys last = null;
    InnerKeys keys = retired;
    while (keys != null) {
      InnerKeys following = keys.nextRetired;
      if (keys.areGone()) {
        remove(keys, last);
      } else {
        last = keys;
      }
      keys = following;
    }
  }

  /**
   * Removes one from both lists.
   *
   * @param above the one before it in the list of the retired when the caller started; null for
   *     none
   */
  private synchronized void remove(InnerKeys keys, InnerKeys above) {
    InnerKeys before = above;
    for (InnerKeys each = retired; before == null && each != keys; each = each.nextRetired) {
      before = each.nextRetired == keys ? each : null; // retired by another thread since
    }
    if (before == null) {
      retired = keys.nextRetired;
    } else {
      before.nextRetired = keys.nextRetired;
    }
    if (keys.previous == null) {
      all = keys.next;
    } else {
      keys.previous.next = keys.next;
    }
    if (keys.next != null) {
      keys.next.previous = keys.previous;
    }
  }

  // -- polling

  /**
   * Polls without waiting, or waits for the kernel, a {@link #wakeup} or an interrupt.
   *
   * @param onReady called for each ready inner key
   * @param nanos 0 not to wait, {@link Long#MAX_VALUE} for no limit
   */
  void poll(Consumer<SelectionKey> onReady, long nanos) throws IOException {
    Selector selector = inner;
    if (selector == null) {
      return;
    }
    if (nanos == 0) {
      selector.selectNow(onReady);
    } else if (nanos == Long.MAX_VALUE) {
      selector.select(onReady);
    } else {
      selector.select(onReady, Millis.roundedUp(nanos));
    }
    polledAt = clock.nanoTime();
  }

  /** Whether the last poll was a while ago. */
  boolean isPollDue() {
    return clock.nanoTime() - polledAt >= POLL_INTERVAL_NANOS;
  }

  /** Ends a wait in progress, or makes the next one return at once. */
  void wakeup() {
    Selector selector = inner;
    if (selector != null) {
      selector.wakeup();
    }
  }

  /**
   * Closes the platform's selectors that were opened, which deregisters their keys and releases the
   * closed channels. May be called inside a poll, by an action.
   */
  void close() throws IOException {
    long stamp = lockSurely();
    closed = true;
    registering.unlockWrite(stamp);
    try {
      closeIfOpened(inner);
    } finally {
      closeIfOpened(guard);
    }
  }

  /** Also without memory for a place in the lock's queue: the close frees descriptors. */
  private long lockSurely() {
    try {
      return registering.writeLock();
    } catch (OutOfMemoryError e) {
      long stamp = registering.tryWriteLock();
      while (stamp == 0) {
        LockSupport.parkNanos(this, LOOK_NANOS);
        stamp = registering.tryWriteLock();
      }
      return stamp;
    }
  }

  private static void closeIfOpened(Selector selector) throws IOException {
    if (selector != null) {
      selector.close();
    }
  }
}
