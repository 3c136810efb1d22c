package io.nioring.internal.hybrid;

import io.nioring.internal.select.RingSelectionKey;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys of a socket that is not decided yet: they follow it if it is connected through the
 * kernel.
 *
 * <p>Guarded by the socket's state lock. Attaching them takes the selector's locks, and is done
 * without it.
 */
public final class KeysAwaitingKernel {
  private List<RingSelectionKey> keys = List.of();

  public void add(RingSelectionKey key) {
    if (keys.isEmpty()) {
      keys = new ArrayList<>(1);
    } else { // a channel may be registered again and again
      keys.removeIf(earlier -> !earlier.isValid());
    }
    keys.add(key);
  }

  /** One of the keys, which stays; null if there is none. */
  public RingSelectionKey any() {
    return keys.isEmpty() ? null : keys.get(keys.size() - 1);
  }

  /** Takes one out; nothing happens if it is not there. */
  public void remove(RingSelectionKey key) {
    keys.remove(key);
  }

  /** Takes all keys out, to attach or to forget them. */
  public List<RingSelectionKey> take() {
    List<RingSelectionKey> taken = keys;
    keys = List.of();
    return taken;
  }
}
