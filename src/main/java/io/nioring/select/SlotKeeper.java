package io.nioring.select;

import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelectionKey;
import java.nio.channels.spi.AbstractSelector;
import java.util.Set;

/**
 * A selector that selects nothing: its keys keep a channel's first free place for another key.
 *
 * <p>A closing channel cancels its keys in the order of their places, and a new key takes the first
 * free one. See {@link KernelPoller} for why the order matters.
 */
final class SlotKeeper extends AbstractSelector {
  SlotKeeper() {
    super(null);
  }

  /** Frees the place that a key of this selector keeps. */
  void free(SelectionKey key) {
    deregister((AbstractSelectionKey) key);
  }

  @Override
  protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
    return new Slot(channel);
  }

  private final class Slot extends AbstractSelectionKey {
    private final SelectableChannel channel;

    Slot(SelectableChannel channel) {
      this.channel = channel;
    }

    @Override
    public SelectableChannel channel() {
      return channel;
    }

    @Override
    public Selector selector() {
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
