package io.nioring.internal.stream;

import io.nioring.socket.ChannelRight;
import io.nioring.socket.Right;
import java.util.List;

/**
 * Rights that the queue refers to directly, as they were sent.
 *
 * @param rights at least one
 */
record QueuedRights(List<Right> rights) implements CarriedRights {
  /** Whether one could be a link of a cycle. */
  boolean haveReceivers() {
    for (Right right : rights) {
      if (right instanceof ChannelRight channel && channel.channel() instanceof RightsReceiver) {
        return true;
      }
    }
    return false;
  }

  @Override
  public int count() {
    return rights.size();
  }

  @Override
  public List<Right> show() {
    return rights;
  }

  @Override
  public List<Right> take() {
    return rights;
  }
}
