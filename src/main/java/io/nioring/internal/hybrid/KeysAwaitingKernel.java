package io.nioring.internal.hybrid;

import io.nioring.internal.select.RingSelectionKey;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys of an undecided socket, to be attached to the kernel's socket if it is connected through
 * the kernel.
 *
 * <p>Guarded by the socket's state lock. Attaching them takes the selector's locks, and is done
 * without the state lock.
 */
public final class KeysAwaitingKernel {
  private List<RingSelectionKey> keys = List.of();

  public void add(RingSelectionKey key) {
    if (keys.isEmpty()) {
      keys = new ArrayList<>(1);
    } else { // a channel may be registered repeatedly
      keys.removeIf(earlier -> !earlier.isValid());
    }
    keys.add(key);
  }

  /** One of the keys, which is not removed; null if there is none. */
  public RingSelectionKey any() {
    return keys.isEmpty() ? null : keys.get(keys.size() - 1);
  }

  /** Removes one; does nothing if it is absent. */
  public void remove(RingSelectionKey key) {
    keys.remove(key);
  }

  /** Removes all keys, to attach or to discard them. */
  public List<RingSelectionKey> take() {
    List<RingSelectionKey> taken = keys;
    keys = List.of();
    return taken;
  }
}
