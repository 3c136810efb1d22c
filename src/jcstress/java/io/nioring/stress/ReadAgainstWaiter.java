package io.nioring.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.nioring.internal.poll.Readiness;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * Who waits for room and looks once more sees what a read makes at that moment, or is woken for it:
 * the unlock of the read is the fence between the two. First figure: it saw it; second: it was
 * woken.
 */
@JCStressTest
@Outcome(id = "true, true", expect = ACCEPTABLE, desc = "both")
@Outcome(id = "true, false", expect = ACCEPTABLE, desc = "seen")
@Outcome(id = "false, true", expect = ACCEPTABLE, desc = "woken")
@Outcome(id = "false, false", expect = FORBIDDEN, desc = "sleeps while there is room")
@State
public class ReadAgainstWaiter {
  private final Pair pair = new Pair();
  private final WriteAgainstWaiter.Noted waiter = new WriteAgainstWaiter.Noted();

  /** Fills the ring but for the byte that makes the writer worth waking. */
  public ReadAgainstWaiter() {
    while (pair.writeOne(pair.first) == 1) {
      // until it is full
    }
    while ((pair.first.readiness(Readiness.OUT) & Readiness.OUT) == 0) {
      pair.readOne(pair.second);
    }
    pair.writeOne(pair.first);
  }

  @Actor
  public void reader() {
    pair.readOne(pair.second);
    pair.second.wakePeerWriter();
  }

  @Actor
  public void waiter(ZZ_Result result) {
    pair.first.poll().add(waiter);
    result.r1 = (pair.first.readiness(Readiness.OUT) & Readiness.OUT) != 0;
  }

  @Arbiter
  public void afterwards(ZZ_Result result) {
    result.r2 = waiter.woken;
    pair.close();
  }
}
