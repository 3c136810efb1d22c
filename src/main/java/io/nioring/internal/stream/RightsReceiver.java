package io.nioring.internal.stream;

import java.lang.ref.WeakReference;
import java.nio.channels.Channel;

/**
 * A channel to which rights can be in flight: the facade of a stream socket, or of a listening one
 * for the connections in its queue. Only such channels can form a cycle of rights in flight.
 */
public interface RightsReceiver extends Channel {
  /**
   * The holder of the channels in flight to this one; the same object each time. Only this channel
   * refers to it. Called by the housekeeping.
   */
  HeldChannels heldChannels();

  /**
   * A new weak reference to this channel while it is in flight. If it is found unreachable before
   * the reference is cleared, it can no longer be received, and is closed.
   */
  WeakReference<Channel> inFlight();
}
