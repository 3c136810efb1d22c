package io.nioring.testkit;

import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.poll.Waiter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Records what a waiter is woken for. */
public final class WakeUps {
  private WakeUps() {}

  /**
   * Adds a waiter for everything.
   *
   * @return a list to which the bits of each wake-up are added
   */
  public static List<Integer> recorded(PollSet poll) {
    List<Integer> recorded = Collections.synchronizedList(new ArrayList<>());
    poll.add(
        new Waiter() {
          @Override
          public void wake(int bits) {
            recorded.add(bits);
          }

          @Override
          public boolean wants(int bits) {
            return true;
          }
        });
    return recorded;
  }

  /**
   * What a write is recorded as that is published in parts.
   *
   * @param count the number of its wake-ups: all but the last one say that more follows
   */
  public static List<Integer> ofParts(int count) {
    List<Integer> all =
        new ArrayList<>(Collections.nCopies(count - 1, Readiness.IN | Readiness.MORE_FOLLOWS));
    all.add(Readiness.IN);
    return all;
  }
}
