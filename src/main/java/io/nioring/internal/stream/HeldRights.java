package io.nioring.internal.stream;

import io.nioring.socket.ChannelRight;
import io.nioring.socket.Right;
import java.lang.ref.WeakReference;
import java.nio.channels.Channel;
import java.util.ArrayList;
import java.util.List;

/**
 * Rights of which those that could be links of a cycle are held by the receiving channel; the queue
 * refers to these weakly and to the others directly.
 */
final class HeldRights implements CarriedRights {
  /** Rights, or references to channels in flight. */
  private final Object[] items;

  private final WeakReference<HeldChannels> holder;

  /** Filled by {@link #take}; allocated in advance, in case memory is short then. */
  private final List<Right> taken;

  private HeldRights(int count, HeldChannels holder) {
    this.items = new Object[count];
    this.holder = holder.weakly();
    this.taken = new ArrayList<>(count);
  }

  /** Makes the receiver hold rights. */
  static HeldRights of(QueuedRights queued, HeldChannels holder) {
    HeldRights held = new HeldRights(queued.count(), holder);
    boolean complete = false;
    try {
      held.fill(queued.rights(), holder);
      complete = true;
      return held;
    } finally {
      if (!complete) {
        held.take();
      }
    }
  }

  private void fill(List<Right> rights, HeldChannels holder) {
    for (int i = 0; i < items.length; i++) {
      Right right = rights.get(i);
      if (right instanceof ChannelRight carried
          && carried.channel() instanceof RightsReceiver receiver) {
        WeakReference<Channel> inFlight = receiver.inFlight();
        holder.hold(inFlight, carried);
        items[i] = inFlight;
      } else {
        items[i] = right;
      }
    }
  }

  @Override
  public int count() {
    return items.length;
  }

  @Override
  public List<Right> show() {
    List<Right> rights = new ArrayList<>(items.length);
    for (Object item : items) {
      if (item instanceof Right right) {
        rights.add(right);
      } else if (item instanceof WeakReference<?> inFlight
          && inFlight.get() instanceof Channel channel) {
        rights.add(Right.channel(channel));
      }
    }
    return rights;
  }

  @Override
  public List<Right> take() {
    HeldChannels by = holder.get();
    for (Object item : items) {
      if (item instanceof Right right) {
        taken.add(right);
      } else if (item instanceof WeakReference<?> inFlight) {
        takeHeld(by, inFlight);
      }
    }
    return taken;
  }

  /** Takes one out of flight, unless it was found unreachable: then it is being closed. */
  private void takeHeld(HeldChannels by, WeakReference<?> inFlight) {
    ChannelRight right = by == null ? null : by.letGo(inFlight);
    if (inFlight.get() instanceof Channel channel) {
      taken.add(right == null ? Right.channel(channel) : right);
      inFlight.clear();
    }
  }
}
