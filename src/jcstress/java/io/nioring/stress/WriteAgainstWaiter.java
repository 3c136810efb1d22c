package io.nioring.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.nioring.internal.poll.Waiter;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * Who waits for bytes and looks once more sees those that are written at that moment, or is woken
 * for them: the unlock of the write is the fence between the two. First figure: it saw them;
 * second: it was woken.
 */
@JCStressTest
@Outcome(id = "true, true", expect = ACCEPTABLE, desc = "both")
@Outcome(id = "true, false", expect = ACCEPTABLE, desc = "seen")
@Outcome(id = "false, true", expect = ACCEPTABLE, desc = "woken")
@Outcome(id = "false, false", expect = FORBIDDEN, desc = "sleeps while there are bytes")
@State
public class WriteAgainstWaiter {
  private final Pair pair = new Pair();
  private final Noted waiter = new Noted();

  /** Takes note of a wake-up. */
  static final class Noted implements Waiter {
    volatile boolean woken;

    @Override
    public void wake(int bits) {
      woken = true;
    }

    @Override
    public boolean wants(int bits) {
      return true;
    }
  }

  @Actor
  public void writer() {
    pair.writeOne(pair.first);
    pair.first.wakePeerReader();
  }

  @Actor
  public void waiter(ZZ_Result result) {
    pair.second.poll().add(waiter);
    result.r1 = pair.second.available() > 0;
  }

  @Arbiter
  public void afterwards(ZZ_Result result) {
    result.r2 = waiter.woken;
    pair.close();
  }
}
