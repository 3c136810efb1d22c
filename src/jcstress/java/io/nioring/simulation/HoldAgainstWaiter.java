package io.nioring.simulation;

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
 * An open direction is held while a byte is written to a reader that waits, and looks whenever it
 * is woken: if the byte has arrived, it sees it. First figure: the reader has seen the byte;
 * second: the byte has arrived when all is over.
 */
@JCStressTest
@Outcome(id = "true, true", expect = ACCEPTABLE, desc = "seen")
@Outcome(id = "false, false", expect = ACCEPTABLE, desc = "held")
@Outcome(id = "false, true", expect = FORBIDDEN, desc = "sleeps while there is a byte")
@Outcome(id = "true, false", expect = FORBIDDEN, desc = "seen before it was held")
@State
public class HoldAgainstWaiter {
  private final SimulatedPair pair = new SimulatedPair();
  private final Looking waiter = new Looking();

  /** Has a reader wait. */
  public HoldAgainstWaiter() {
    pair.server.poll().add(waiter);
  }

  /** A reader that looks when it is woken, at once. */
  private final class Looking implements Waiter {
    private volatile boolean saw;

    @Override
    public void wake(int bits) {
      if (pair.server.available() > 0) {
        saw = true;
      }
    }

    @Override
    public boolean wants(int bits) {
      return true;
    }
  }

  @Actor
  public void writer() {
    pair.write();
  }

  @Actor
  public void holder() {
    pair.hold();
  }

  @Arbiter
  public void afterwards(ZZ_Result result) {
    result.r1 = waiter.saw;
    result.r2 = pair.server.available() > 0;
    pair.close();
  }
}
