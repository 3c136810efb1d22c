package io.nioring.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** As {@link ShutdownAgainstWrite}, over TCP. */
@JCStressTest
@Outcome(
    id = {"1, 0, 1, -1", "1, 1, -1, -1"},
    expect = ACCEPTABLE,
    desc = "the byte, then the end")
@Outcome(
    id = {"-3, 0, -1, -1", "-3, -1, -1, -1"},
    expect = ACCEPTABLE,
    desc = "broken pipe, and the end")
@Outcome(expect = FORBIDDEN, desc = "the end came before the byte, or never")
@State
public class TcpShutdownAgainstWrite {
  private final Pair pair = Pair.tcp();

  @Actor
  public void writer(IIII_Result result) {
    result.r1 = pair.writeOne(pair.first);
  }

  @Actor
  public void shutter() {
    pair.first.shutdownOutput();
  }

  @Actor
  public void reader(IIII_Result result) {
    result.r2 = pair.readOne(pair.second);
  }

  @Arbiter
  public void afterwards(IIII_Result result) {
    result.r3 = pair.readOne(pair.second);
    result.r4 = pair.readOne(pair.second);
    pair.close();
  }
}
