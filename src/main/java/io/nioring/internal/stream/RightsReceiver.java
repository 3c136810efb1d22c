package io.nioring.internal.stream;

import java.lang.ref.WeakReference;
import java.nio.channels.Channel;

/**
 * A channel that rights can be in flight to: the facade of a stream socket, or of a listening one
 * for the connections in its queue. Only such channels can form a cycle of rights in flight.
 */
public interface RightsReceiver extends Channel {
  /**
   * What holds the channels in flight to this one; the same object each time. Only this channel
   * refers to it. Called by the housekeeping.
   */
  HeldChannels heldChannels();

  /**
   * A new weak reference to this channel for the time that it is in flight. If it is found
   * unreachable before the reference is cleared, nobody can receive it any more, and it is closed.
   */
  WeakReference<Channel> inFlight();
}
