package io.nioring.internal.select;

import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelectionKey;
import java.nio.channels.spi.AbstractSelector;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands for a selector of the platform's that finds nothing ready: it only forgets keys. */
final class FakePlatformSelector extends AbstractSelector {
  private final Set<SelectionKey> keys = ConcurrentHashMap.newKeySet();
  private final Set<SelectionKey> selected = new HashSet<>();
  private final Set<SelectableChannel> freed = new HashSet<>();
  private Runnable flushing = () -> {};
  private Runnable registering = () -> {};

  FakePlatformSelector() {
    super(null);
  }

  /** The closed channels whose last key was one of this selector, which frees a descriptor. */
  Set<SelectableChannel> freed() {
    return freed;
  }

  /** Runs an action in each registration, after the interest was taken. */
  void whenRegistering(Runnable action) {
    registering = action;
  }

  /** Runs an action in the next select, before cancelled keys are forgotten. */
  void whenFlushing(Runnable action) {
    flushing = action;
  }

  @Override
  protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
    Key key = new Key(channel);
    key.attach(attachment);
    key.interestOps(ops);
    keys.add(key);
    registering.run();
    return key;
  }

  @Override
  public int selectNow() {
    Runnable action = flushing;
    flushing = () -> {};
    action.run();
    Set<SelectionKey> cancelled = cancelledKeys();
    synchronized (cancelled) {
      cancelled.forEach(this::forget);
      cancelled.clear();
    }
    return 0;
  }

  private void forget(SelectionKey key) {
    keys.remove(key);
    deregister((AbstractSelectionKey) key);
    if (!key.channel().isOpen() && !key.channel().isRegistered()) {
      freed.add(key.channel());
    }
  }

  @Override
  public int select(long timeoutMillis) {
    return selectNow();
  }

  @Override
  public int select() {
    return selectNow();
  }

  @Override
  public Selector wakeup() {
    return this;
  }

  @Override
  public Set<SelectionKey> keys() {
    return keys;
  }

  @Override
  public Set<SelectionKey> selectedKeys() {
    return selected;
  }

  @Override
  protected void implCloseSelector() {
    keys.forEach(this::forget);
  }

  private final class Key extends AbstractSelectionKey {
    private final SelectableChannel channel;
    private volatile int interest;

    Key(SelectableChannel channel) {
      this.channel = channel;
    }

    @Override
    public SelectableChannel channel() {
      return channel;
    }

    @Override
    public Selector selector() {
      return FakePlatformSelector.this;
    }

    @Override
    public int interestOps() {
      return interest;
    }

    @Override
    public SelectionKey interestOps(int ops) {
      interest = ops;
      return this;
    }

    @Override
    public int readyOps() {
      return 0;
    }
  }
}
