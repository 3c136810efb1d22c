package io.nioring.select;

import io.nioring.platform.PlatformProvider;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.function.Consumer;

/**
 * The platform's selector inside ours, for the channels that are the kernel's.
 *
 * <p>Opened with the first such channel. An inner key bears its outer key as attachment. Registering
 * and waking may be done by any thread; polling and dropping are the selecting thread's.
 */
final class KernelPoller {
  private final PlatformProvider platform;
  private volatile Selector inner;

  /** How many keys are registered; written under this object's monitor. */
  private volatile int registered;

  private boolean closed;

  KernelPoller(PlatformProvider platform) {
    this.platform = platform;
  }

  /** Whether there is anything to poll. */
  boolean isActive() {
    return registered > 0;
  }

  /**
   * Registers a channel of the platform's for an outer key.
   *
   * @throws IOException if the platform's selector cannot be opened
   */
  SelectionKey register(SelectableChannel channel, int ops, RingSelectionKey outer)
      throws IOException {
    SelectionKey key = channel.register(open(), ops, outer);
    synchronized (this) {
      registered++;
    }
    return key;
  }

  private synchronized Selector open() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    if (inner == null) {
      inner = platform.get().openSelector();
    }
    return inner;
  }

  /** Takes an inner key out; the platform's selector forgets it at its next poll. */
  void drop(SelectionKey key) {
    key.cancel();
    synchronized (this) {
      registered--;
    }
  }

  /**
   * Polls without waiting, or waits for the kernel or a {@link #wakeup}.
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
      selector.select(onReady, Math.max(1, (nanos + 999_999) / 1_000_000));
    }
  }

  /** Ends a wait that is going on, or makes the next one return at once. */
  void wakeup() {
    Selector selector = inner;
    if (selector != null) {
      selector.wakeup();
    }
  }

  /** Closes the platform's selector, if there is one. */
  void close() throws IOException {
    Selector selector;
    synchronized (this) {
      closed = true;
      selector = inner;
    }
    if (selector != null) {
      selector.close();
    }
  }
}
