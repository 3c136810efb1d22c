package io.nioring.internal.select;

import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;

/**
 * The registered keys of a selector, each at the index stored in its node.
 *
 * <p>Registering threads add, the selecting thread removes, both under this object's monitor; the
 * selecting thread looks keys up without it.
 */
final class KeyTable {
  private volatile RingSelectionKey[] keys = new RingSelectionKey[8];
  private int size;
  private boolean closed;
  private final Set<SelectionKey> view = Collections.unmodifiableSet(new View());

  /**
   * Adds a new key.
   *
   * @throws ClosedSelectorException if the selector was closed
   * @throws IllegalStateException if it has as many keys as a node can number, 33,554,432
   */
  synchronized void add(RingSelectionKey key) {
    if (closed) {
      throw new ClosedSelectorException();
    }
    if (size == ReadyNode.INDEXES) {
      throw new IllegalStateException("the selector has " + size + " keys, which is the most");
    }
    RingSelectionKey[] array = keys;
    if (size == array.length) {
      array = Arrays.copyOf(array, size * 2);
    }
    array[size] = key;
    key.node().index(size++);
    keys = array; // published for lookups that follow a push of the key's node
  }

  /** Removes a key, on the selecting thread; does nothing if it was removed before. */
  synchronized void remove(RingSelectionKey key) {
    int index = key.node().index();
    if (index < 0) {
      return;
    }
    RingSelectionKey[] array = keys;
    RingSelectionKey last = array[--size];
    array[index] = last;
    last.node().index(index);
    array[size] = null;
    key.node().index(-1);
  }

  /** The key of a node, on the selecting thread; null if it was removed. */
  RingSelectionKey keyOf(ReadyNode node) {
    int index = node.index();
    return index < 0 ? null : keys[index];
  }

  /** The keys at this moment. */
  private synchronized List<RingSelectionKey> snapshot() {
    return new ArrayList<>(Arrays.asList(keys).subList(0, size));
  }

  /** The last key, which can be removed without moving another; null if there is none. */
  synchronized RingSelectionKey last() {
    return size == 0 ? null : keys[size - 1];
  }

  /** Refuses further keys. */
  synchronized void close() {
    closed = true;
  }

  /** The unmodifiable set that users see; iterators show the keys of the moment they were made. */
  Set<SelectionKey> view() {
    return view;
  }

  private final class View extends AbstractSet<SelectionKey> {
    @Override
    public int size() {
      synchronized (KeyTable.this) {
        return size;
      }
    }

    @Override
    public boolean contains(Object object) {
      synchronized (KeyTable.this) {
        return object instanceof RingSelectionKey key && contains(key);
      }
    }

    private boolean contains(RingSelectionKey key) {
      int index = key.node().index();
      return index >= 0 && index < size && keys[index] == key;
    }

    @Override
    public Iterator<SelectionKey> iterator() {
      return Collections.<SelectionKey>unmodifiableList(snapshot()).iterator();
    }

    /**
     * Also a snapshot: the size that a stream asks for first matches the elements that it then
     * sees.
     */
    @Override
    public Spliterator<SelectionKey> spliterator() {
      List<SelectionKey> keysNow = new ArrayList<>(snapshot());
      return Spliterators.spliterator(keysNow, Spliterator.DISTINCT | Spliterator.NONNULL);
    }
  }
}
