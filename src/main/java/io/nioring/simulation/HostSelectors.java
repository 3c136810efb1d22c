package io.nioring.simulation;

import io.nioring.internal.select.RingSelector;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * The selectors that were opened on a host. Thread-safe.
 *
 * <p>At its end the threads that wait in them are woken, as those in channels are by the close:
 * else one that the host does not know would wait for ever for channels that are closed. Selectors
 * stay open, as after the close of a network: frameworks end their loops with them.
 */
final class HostSelectors {
  private final Set<RingSelector> selectors =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  void opened(RingSelector selector) {
    selectors.add(selector);
  }

  void wakeAll() {
    synchronized (selectors) {
      selectors.forEach(RingSelector::wakeup);
    }
  }
}
