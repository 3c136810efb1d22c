package io.nioring.internal.select;

import java.nio.channels.SelectionKey;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Collection;
import java.util.ConcurrentModificationException;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The selected-key set: an array whose keys know their index in it.
 *
 * <p>The selector adds; users remove, by iterator, by {@code remove} or by {@code clear}, in
 * constant time per key and without garbage. Users cannot add. Removing moves the last key into the
 * gap, so iterators go from the end to the beginning; they are fail-fast. Not thread-safe, as
 * {@link java.nio.channels.Selector} specifies: threads that share it synchronize on it.
 */
final class SelectedKeySet extends AbstractSet<SelectionKey> {
  private static final RingSelectionKey[] NONE = {};

  private RingSelectionKey[] keys = NONE;
  private int size;
  private int modifications;

  /** Adds a key that is not in the set. */
  void addSelected(RingSelectionKey key) {
    if (size == keys.length) {
      keys = Arrays.copyOf(keys, Math.max(16, size * 2));
    }
    key.selectedIndex = size;
    keys[size++] = key;
    modifications++;
  }

  /** Removes a key; does nothing if it is not in the set. */
  boolean removeSelected(RingSelectionKey key) {
    int index = key.selectedIndex;
    if (index < 0) {
      return false;
    }
    RingSelectionKey last = keys[--size];
    keys[size] = null;
    if (last != key) {
      keys[index] = last;
      last.selectedIndex = index;
    }
    key.selectedIndex = -1;
    modifications++;
    return true;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public boolean contains(Object object) {
    return object instanceof RingSelectionKey key && holds(key);
  }

  @Override
  public boolean remove(Object object) {
    return object instanceof RingSelectionKey key && holds(key) && removeSelected(key);
  }

  /** Whether a key, possibly of another selector, is in this set. */
  private boolean holds(RingSelectionKey key) {
    int index = key.selectedIndex;
    return index >= 0 && index < size && keys[index] == key;
  }

  /** Refused even for an empty collection, as by the platform's set. */
  @Override
  public boolean addAll(Collection<? extends SelectionKey> added) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void clear() {
    for (int i = 0; i < size; i++) {
      keys[i].selectedIndex = -1;
      keys[i] = null;
    }
    size = 0;
    modifications++;
  }

  @Override
  public Iterator<SelectionKey> iterator() {
    return new FromTheEnd();
  }

  private final class FromTheEnd implements Iterator<SelectionKey> {
    private int next = size - 1;
    private int expected = modifications;
    private RingSelectionKey current;

    @Override
    public boolean hasNext() {
      return next >= 0;
    }

    @Override
    public SelectionKey next() {
      ensureUnmodified();
      if (next < 0) {
        throw new NoSuchElementException();
      }
      current = keys[next--];
      return current;
    }

    @Override
    public void remove() {
      if (current == null) {
        throw new IllegalStateException("no key to remove: call next first");
      }
      ensureUnmodified();
      removeSelected(current);
      current = null;
      expected = modifications;
    }

    private void ensureUnmodified() {
      if (expected != modifications) {
        throw new ConcurrentModificationException();
      }
    }
  }
}
