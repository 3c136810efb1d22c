package io.nioring.internal.stream;

import io.nioring.socket.ChannelRight;
import io.nioring.socket.Right;
import java.lang.ref.WeakReference;
import java.nio.channels.Channel;
import java.util.ArrayList;
import java.util.List;

/**
 * Rights of which the receiving channel holds those that could be links of a cycle, while the queue
 * refers to these weakly and to the others as they are.
 */
final class HeldRights implements CarriedRights {
  /** Rights, or references to channels in flight. */
  private final Object[] items;

  private final WeakReference<HeldChannels> holder;

  /** What {@link #take} fills: made before, so that it finds no memory short. */
  private final List<Right> taken;

  private HeldRights(int count, HeldChannels holder) {
    this.items = new Object[count];
    this.holder = holder.weakly();
    this.taken = new ArrayList<>(count);
  }

  /** Has rights held by their receiver. */
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

  /** Takes one out of flight, unless it was found unreachable: it is closed for that. */
  private void takeHeld(HeldChannels by, WeakReference<?> inFlight) {
    ChannelRight right = by == null ? null : by.letGo(inFlight);
    if (inFlight.get() instanceof Channel channel) {
      taken.add(right == null ? Right.channel(channel) : right);
      inFlight.clear();
    }
  }
}
