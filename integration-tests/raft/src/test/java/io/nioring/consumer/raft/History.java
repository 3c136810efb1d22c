package io.nioring.consumer.raft;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** What clients did to a register, when, and what they were told. Thread-safe. */
final class History {
  /** One call; one whose end is not known may have its effect at any time after its begin. */
  static final class Call {
    private final Command command;
    private final long begin;
    private long end = Long.MAX_VALUE;
    private long result;

    private Call(Command command, long begin) {
      this.command = command;
      this.begin = begin;
    }

    private boolean isKnown() {
      return end != Long.MAX_VALUE;
    }

    private boolean fits(long value) {
      return !isKnown() || command.result(value) == result;
    }

    @Override
    public String toString() {
      return "\n" + begin + ".." + (isKnown() ? end + " " : "? ") + command + " = " + result;
    }
  }

  /** A part of the search: which calls have had their effect, and the value then. */
  private record Point(BitSet done, long value) {}

  private final AtomicLong time = new AtomicLong();
  private final List<Call> calls = new ArrayList<>();

  synchronized Call begins(Command command) {
    Call call = new Call(command, time.incrementAndGet());
    calls.add(call);
    return call;
  }

  synchronized void ends(Call call, long result) {
    call.result = result;
    call.end = time.incrementAndGet();
  }

  synchronized int size() {
    return calls.size();
  }

  /**
   * Whether the calls could have had their effects one after the other, each between its begin and
   * its end. The search is Wing and Gong's, which remembers where it failed as Lowe's does.
   *
   * @param initial the value before all calls
   */
  synchronized boolean isLinearizable(long initial) {
    return canEnd(new Point(new BitSet(), initial), new HashSet<>());
  }

  private boolean canEnd(Point point, Set<Point> inVain) {
    long firstEnd = Long.MAX_VALUE;
    for (int i = point.done.nextClearBit(0); i < calls.size(); i = point.done.nextClearBit(i + 1)) {
      firstEnd = Math.min(firstEnd, calls.get(i).end);
    }
    if (firstEnd == Long.MAX_VALUE) {
      return true; // what is left may never have had an effect
    }
    for (int i = point.done.nextClearBit(0);
        i < calls.size() && calls.get(i).begin < firstEnd;
        i = point.done.nextClearBit(i + 1)) {
      Call call = calls.get(i);
      if (call.fits(point.value)) {
        BitSet done = (BitSet) point.done.clone();
        done.set(i);
        Point next = new Point(done, call.command.next(point.value));
        if (inVain.add(next) && canEnd(next, inVain)) {
          return true;
        }
      }
    }
    return false;
  }

  @Override
  public synchronized String toString() {
    return calls.toString();
  }
}
