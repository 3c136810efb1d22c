package io.nioring.internal.stream;

import io.nioring.socket.ChannelRight;
import java.lang.ref.WeakReference;
import java.nio.channels.Channel;
import java.util.HashMap;
import java.util.Map;

/**
 * Keeps the channels in flight to one channel reachable, but only through that channel: the queues
 * that carry them refer to them and to this object weakly. So a channel that is only referenced by
 * rights in flight is found unreachable, whatever cycle they form.
 *
 * <p>Thread-safe; under its monitor no other lock is taken and no other object is called.
 */
public final class HeldChannels {
  private final WeakReference<HeldChannels> weakly = new WeakReference<>(this);
  private final Map<WeakReference<Channel>, ChannelRight> rights = new HashMap<>();

  /** The reference that a queue may hold. */
  WeakReference<HeldChannels> weakly() {
    return weakly;
  }

  /** Keeps a right's channel reachable until the reference to it is released. */
  synchronized void hold(WeakReference<Channel> inFlight, ChannelRight right) {
    rights.put(inFlight, right);
  }

  /** Releases and returns the right that was held for a reference; null if there was none. */
  synchronized ChannelRight letGo(WeakReference<?> inFlight) {
    return rights.remove(inFlight);
  }
}
