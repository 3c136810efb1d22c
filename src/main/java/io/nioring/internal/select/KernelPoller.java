package io.nioring.internal.select;

import io.nioring.internal.platform.PlatformProvider;
import io.nioring.internal.poll.Millis;
import io.nioring.internal.time.Clock;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.function.Consumer;

/**
 * The platform's selector inside ours, for the channels that are the kernel's.
 *
 * <p>Opened with the first such channel. An inner key bears its outer key as attachment.
 * Registering and waking may be done by any thread; polling and dropping are the selecting
 * thread's.
 *
 * <h2>The guard</h2>
 *
 * The platform closes the descriptor of a closed channel when one of its selectors forgets the
 * channel's last key. A channel of the platform's that users register with us has two keys: the
 * outer one and ours inside. If another thread closes the channel while this thread is in the
 * platform's select, that select forgets the inner key on its way out, when the outer one is still
 * there, and nobody would ever close the descriptor. So such a channel is also registered, with no
 * interest, with a second selector of the platform's, the guard, which forgets last.
 *
 * <p>Last means: when the outer key is gone. A close cancels the keys in the order of their places
 * in the channel, and comes by a key of ours in the first place that puts the outer key into our
 * cancelled-key set ({@link SlotKeeper}); the user's own cancel puts it there first too ({@link
 * RingSelector#cancelInner}). So whenever the guard's key is cancelled, the outer key is in our
 * cancelled-key set or was dropped; and the guard is flushed only while that set is locked and has
 * no key of a guarded channel.
 */
final class KernelPoller {
  /** How long a thread that finds its rings ready may leave the kernel without a look. */
  private static final long POLL_INTERVAL_NANOS = 50_000;

  private final PlatformProvider platform;
  private final Clock clock;
  private final SlotKeeper slots = new SlotKeeper();
  private volatile Selector inner;
  private volatile Selector guard;

  /** How many keys are registered; written under this object's monitor. */
  private volatile int registered;

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
    return registered > 0;
  }

  /**
   * Registers a channel that only we know of for an outer key.
   *
   * @throws IOException if the channel is closed or the platform's selector cannot be opened
   */
  SelectionKey register(SelectableChannel channel, int ops, RingSelectionKey outer)
      throws IOException {
    SelectionKey key = channel.register(innerSelector(), ops, outer);
    synchronized (this) {
      registered++;
    }
    return key;
  }

  /**
   * Registers a channel of the platform's that the outer key is registered with too. If this fails
   * it has registered nothing.
   *
   * @return the inner key; null if the channel was closed when the guard had its key already: the
   *     close cancels that, and the outer key, which has to be dropped
   * @throws IOException as {@link #register}
   */
  SelectionKey registerGuarded(SelectableChannel channel, int ops, RingSelectionKey outer)
      throws IOException {
    innerSelector(); // opened before anything is registered that would have to be taken back
    Selector guarding = guardSelector();
    channel.register(slots, 0, outer); // first, which gives it a place before the others
    boolean guarded = false;
    boolean registeredAll = false;
    try {
      channel.register(guarding, 0); // before the inner key, which must not be without it
      guarded = true;
      SelectionKey key = register(channel, ops, outer);
      registeredAll = true;
      return key;
    } catch (ClosedChannelException e) {
      if (!guarded) {
        throw e;
      }
      registeredAll = true;
      return null;
    } finally {
      if (!registeredAll) {
        slots.free(channel);
      }
    }
  }

  /** Frees a guarded channel's place that {@link #registerGuarded} kept; the outer key is gone. */
  void freeSlot(SelectableChannel channel) {
    slots.free(channel);
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

  /**
   * Cancels an inner key, and what else a guarded channel has inside; any thread may do so,
   * repeatedly.
   */
  void cancel(SelectionKey key) {
    key.cancel();
    Selector guarding = guard;
    if (guarding != null) {
      slots.cancel(key.channel());
      SelectionKey guardKey = key.channel().keyFor(guarding);
      if (guardKey != null) {
        guardKey.cancel();
      }
    }
  }

  /** Takes an inner key out, once, when the outer key is deregistered; {@link #flush} is due. */
  void drop(SelectionKey key) {
    cancel(key);
    synchronized (this) {
      registered--;
    }
  }

  /** Lets the inner selector forget what was dropped. */
  void flush() throws IOException {
    Selector selector = inner;
    if (selector != null) {
      selector.selectNow(KernelPoller::ignore);
    }
  }

  /** Lets the guard forget, which closes the last channels; see above for when. */
  void flushGuard() throws IOException {
    Selector guarding = guard;
    if (guarding != null) {
      guarding.selectNow(KernelPoller::ignore);
    }
  }

  /** What a flush finds ready is still ready at the next poll. */
  private static void ignore(SelectionKey key) {}

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
    synchronized (this) {
      closed = true;
    }
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
