package io.nioring.internal.select;

import io.nioring.internal.platform.PlatformProvider;
import io.nioring.internal.poll.Millis;
import io.nioring.internal.time.Clock;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.locks.StampedLock;
import java.util.function.Consumer;

/**
 * The platform's selector inside ours, for the channels that are the kernel's.
 *
 * <p>Opened with the first such channel, or before. A polled key knows its outer key weakly, by its
 * attachment. Registering, retiring and waking may be done by any thread; polling, flushing and
 * closing are the selecting thread's.
 *
 * <h2>The guard</h2>
 *
 * The platform closes the descriptor of a closed channel when one of its selectors forgets a key of
 * the channel and no other is left. A channel of the platform's that users register with us has two
 * keys: the outer one and ours inside. If another thread closes the channel while this thread is in
 * the platform's select, that select forgets the inner key on its way out, when the outer one is
 * still there, and nobody would ever close the descriptor. So such a channel is also registered,
 * with no interest, with a second selector of the platform's, the guard, which is never waited in.
 *
 * <h2>Why no descriptor is lost</h2>
 *
 * The rule: while an outer key is registered, not both of its inner keys are forgotten. Then an
 * inner one goes last, after the outer one, and its selector closes the descriptor. Only the
 * selecting thread lets the two selectors forget, and it keeps the rule so: before the guard
 * forgets, each outer key whose polled key is gone is dropped; before anything is polled or flushed
 * again, each whose guard key is gone. Whether any is gone tells the number of keys that a selector
 * has: a registration is in the list here before it is with a selector, so one that has fewer keys
 * than the list has lost some. Nothing depends on the order in which a close cancels, nor on when
 * the outer key comes into our own cancelled-key set.
 *
 * <p>An outer key that was dropped leaves its inner ones <em>retired</em>: cancelled, and flushed
 * in each select until the channel does not give them any more. Until then no registration of the
 * same channel begins, so that none can share them.
 *
 * <h2>Locks</h2>
 *
 * This object's monitor guards the lists, is held for a few steps, and no other is taken under it.
 * In particular no key is looked up in its channel, whose lock a registering thread holds.
 */
final class KernelPoller {
  /** How long a thread that finds its rings ready may leave the kernel without a look. */
  private static final long POLL_INTERVAL_NANOS = 50_000;

  private final PlatformProvider platform;
  private final Clock clock;
  private volatile Selector inner;
  private volatile Selector guard;

  // The lists are written under this object's monitor. Whoever registers adds at the head; only the
  // selecting thread takes out, which thus may follow the links without the monitor.

  /** All that may have a key inside, the retired ones among them. */
  private volatile InnerKeys all;

  /** Those whose outer key is gone, linked by {@code nextRetired}. */
  private volatile InnerKeys retired;

  /** How many in the list of all are not retired. */
  private int live;

  /** How many of these are guarded. */
  private int liveGuarded;

  /**
   * Held shared while a channel is registered with the platform's selectors, and alone to close
   * them: the platform's register without interest may find its selector open and leave its key in
   * the channel when the close is over. It is taken after the locks of the channel.
   */
  private final StampedLock registering = new StampedLock();

  /** Guarded by the lock above. */
  private boolean closed;

  /** When the last poll ended; the selecting thread's. */
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
   * Opens the selector now, so that no registration lacks the descriptors for it; nothing happens
   * where the platform's provider cannot be had.
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
   * Registers a channel that only we know of.
   *
   * @throws IOException if the channel is closed or the platform's selector cannot be opened
   * @throws CancelledKeyException if the selector has not forgotten an earlier key of the channel;
   *     the next select lets it
   */
  void register(InnerKeys keys, int ops) throws IOException {
    synchronized (keys.channel().blockingLock()) { // the look and the registration in one step
      registerWhileOpen(keys, ops, false);
    }
  }

  /**
   * Registers a channel of the platform's that the outer key is being registered with too, which
   * keeps others from registering it.
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
        keys.setGuard(channel.register(guarding, 0)); // the polled one must not be without it
      }
      keys.setPolled(channel.register(polling, ops, keys.attachment()));
      registered = true;
    } finally {
      if (!registered) {
        retire(keys); // the channel was closed meanwhile: the close cancels what there is
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
      inner = platform.get().openSelector();
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
   * Cancels the inner keys of an outer key that is gone, or does not come to be; {@link #flush} is
   * due. Nothing happens if that was done before.
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
   * Lets the platform's selectors forget what was retired, as far as its cancel has come.
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
      // In this order: what is registered meanwhile is missing here at most.
      int there = selector.keys().size();
      if (there < countWanted(selector)) {
        dropForgotten(selector, drop);
      }
    }
  }

  /** How many keys a selector has if it has forgotten none of a live registration. */
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

  /** Drops each outer key of a guarded channel of which the selector has no key any more. */
  private void dropForgotten(Selector selector, Consumer<RingSelectionKey> drop) {
    for (InnerKeys keys = all; keys != null; keys = keys.next) {
      if (keys.guarded && !keys.retired && keys.areForgottenBy(selector)) {
        drop.accept(keys.outer());
      }
    }
  }

  /** Takes out of the lists what is retired and in no selector any more. */
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
   * Takes one out of both lists.
   *
   * @param above the one before it in the list of the retired, when the caller began; null for none
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
   * @param nanos 0 not to wait, {@link Long#MAX_VALUE} to wait for ever
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

  /** Ends a wait that is going on, or makes the next one return at once. */
  void wakeup() {
    Selector selector = inner;
    if (selector != null) {
      selector.wakeup();
    }
  }

  /**
   * Closes the platform's selectors that were opened, which forgets their keys and with these the
   * channels that are closed. Possibly called inside a poll, by an action.
   */
  void close() throws IOException {
    long stamp = registering.writeLock();
    closed = true;
    registering.unlockWrite(stamp);
    try {
      closeIfOpened(inner);
    } finally {
      closeIfOpened(guard);
    }
  }

  private static void closeIfOpened(Selector selector) throws IOException {
    if (selector != null) {
      selector.close();
    }
  }
}
