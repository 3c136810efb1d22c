package io.nioring.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** As {@link EndOfFileAfterLastBytes}, over TCP. */
@JCStressTest
@Outcome(
    id = {"0, 0, 1", "0, 1, -1", "1, 0, -1", "1, -1, -1"},
    expect = ACCEPTABLE,
    desc = "the byte, then the end")
@Outcome(expect = FORBIDDEN, desc = "the end came first, or the byte was lost")
@State
public class TcpEndOfFileAfterLastBytes {
  private final Pair pair = Pair.tcp();

  @Actor
  public void writer() {
    pair.writeOne(pair.first);
    pair.first.shutdownOutput();
  }

  @Actor
  public void reader(III_Result result) {
    result.r1 = pair.readOne(pair.second);
    result.r2 = pair.readOne(pair.second);
  }

  @Arbiter
  public void afterwards(III_Result result) {
    result.r3 = pair.readOne(pair.second);
    pair.close();
  }
}
