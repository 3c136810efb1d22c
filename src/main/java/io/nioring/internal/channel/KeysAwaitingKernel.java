package io.nioring.internal.channel;

import io.nioring.internal.select.RingSelectionKey;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys of a channel whose way is not decided yet: they follow it if that is the kernel.
 *
 * <p>Guarded by the channel's state lock, but for {@link #attach}, which takes the selector's locks
 * and is called without it.
 */
final class KeysAwaitingKernel {
  private List<RingSelectionKey> keys = List.of();

  void add(RingSelectionKey key) {
    if (keys.isEmpty()) {
      keys = new ArrayList<>(1);
    }
    keys.removeIf(earlier -> !earlier.isValid()); // a channel may be registered again and again
    keys.add(key);
  }

  /** Takes all keys out, for {@link #attach}; or to forget them. */
  List<RingSelectionKey> take() {
    List<RingSelectionKey> taken = keys;
    keys = List.of();
    return taken;
  }

  /** Registers the kernel's channel with the selectors of those keys that are still valid. */
  static void attachAll(List<RingSelectionKey> keys, SelectableChannel kernelChannel)
      throws IOException {
    for (RingSelectionKey key : keys) {
      if (key.isValid()) {
        key.attachKernel(kernelChannel);
      }
    }
  }
}
