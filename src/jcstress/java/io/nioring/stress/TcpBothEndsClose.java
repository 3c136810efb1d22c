package io.nioring.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** As {@link BothEndsClose}, over TCP. */
@JCStressTest
@Outcome(id = "0", expect = ACCEPTABLE, desc = "all memory is back")
@Outcome(expect = FORBIDDEN, desc = "memory was lost or given back twice")
@State
public class TcpBothEndsClose {
  private final Pair pair = Pair.tcp();

  /** Lets both rings hold memory. */
  public TcpBothEndsClose() {
    pair.writeOne(pair.first);
    pair.writeOne(pair.second);
  }

  @Actor
  public void one() {
    pair.first.close(false);
  }

  @Actor
  public void other() {
    pair.second.close(false);
  }

  @Arbiter
  public void afterwards(I_Result result) {
    result.r1 = (int) pair.memoryInUse();
  }
}
