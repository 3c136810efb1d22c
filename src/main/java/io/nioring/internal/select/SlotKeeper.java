package io.nioring.internal.select;

import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelectionKey;
import java.nio.channels.spi.AbstractSelector;
import java.util.Set;

/**
 * A selector that selects nothing: its keys hear first that their channel closes.
 *
 * <p>A closing channel cancels its keys in the order of their places, and a new key takes the first
 * free one. A key of this selector is registered before those that must not be cancelled before the
 * outer key, which is its attachment: when it is cancelled it puts that one into the set of the
 * cancelled keys. The outer key itself cannot see to that: another thread may be half through its
 * {@code cancel()}, and the close then passes it by. See {@link KernelPoller} for why it matters.
 */
final class SlotKeeper extends AbstractSelector {
  SlotKeeper() {
    super(null);
  }

  /** Cancels a channel's key, if it has one: it is no more in the way of the blocking mode. */
  void cancel(SelectableChannel channel) {
    SelectionKey key = channel.keyFor(this);
    if (key != null) {
      key.cancel();
    }
  }

  /** Takes a channel's key away, if it has one. */
  void free(SelectableChannel channel) {
    SelectionKey key = channel.keyFor(this);
    if (key != null) {
      deregister((AbstractSelectionKey) key);
    }
    Set<SelectionKey> cancelled = cancelledKeys();
    synchronized (cancelled) {
      cancelled.clear(); // nobody selects here
    }
  }

  @Override
  protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
    return new Slot(channel, (RingSelectionKey) attachment);
  }

  private final class Slot extends AbstractSelectionKey {
    private final SelectableChannel channel;
    private final RingSelectionKey outer;

    Slot(SelectableChannel channel, RingSelectionKey outer) {
      this.channel = channel;
      this.outer = outer;
    }

    @Override
    public SelectableChannel channel() {
      return channel;
    }

    /** Asked for by {@code cancel()} too, as that of {@link RingSelectionKey}. */
    @Override
    public Selector selector() {
      if (!isValid()) {
        outer.announceCancelled();
      }
      return SlotKeeper.this;
    }

    @Override
    public int interestOps() {
      return 0;
    }

    @Override
    public SelectionKey interestOps(int ops) {
      return this;
    }

    @Override
    public int readyOps() {
      return 0;
    }
  }

  @Override
  public Set<SelectionKey> keys() {
    return Set.of();
  }

  @Override
  public Set<SelectionKey> selectedKeys() {
    return Set.of();
  }

  @Override
  public int selectNow() {
    return 0;
  }

  @Override
  public int select(long timeoutMillis) {
    return 0;
  }

  @Override
  public int select() {
    return 0;
  }

  @Override
  public Selector wakeup() {
    return this;
  }

  @Override
  protected void implCloseSelector() {
    // holds nothing
  }
}
