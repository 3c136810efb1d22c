package io.nioring.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Over TCP a byte that nobody will read is taken, and answered by a reset. The third figure is the
 * ring memory that is out after both ends have closed.
 */
@JCStressTest
@Outcome(id = "1, -2, 0", expect = ACCEPTABLE, desc = "left unread: reset")
@Outcome(id = "1, -1, 0", expect = ACCEPTABLE, desc = "came after the end, which is read first")
@Outcome(expect = FORBIDDEN, desc = "a byte was refused, or memory leaked")
@State
public class TcpCloseAgainstWrite {
  private final Pair pair = Pair.tcp();

  @Actor
  public void writer(III_Result result) {
    result.r1 = pair.writeOne(pair.first);
  }

  @Actor
  public void closer() {
    pair.second.close(false);
  }

  @Arbiter
  public void afterwards(III_Result result) {
    result.r2 = pair.readOne(pair.first);
    pair.close();
    result.r3 = (int) pair.memoryInUse();
  }
}
