package io.nioring.simulation;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.io.IOException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * The writing end of a held direction closes while it writes: the end of the stream comes behind
 * the byte. First figure: how many bytes the write took; second: how many are read before the end.
 */
@JCStressTest
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the byte, then the end")
@Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "the write came too late")
@Outcome(expect = FORBIDDEN, desc = "the end has overtaken the byte, or did not come")
@State
public class CloseAgainstWrite {
  private final SimulatedPair pair = new SimulatedPair();

  /** Holds what will be written. */
  public CloseAgainstWrite() {
    pair.hold();
  }

  @Actor
  public void writer(II_Result result) {
    try {
      pair.tryWrite();
      result.r1 = 1;
    } catch (IOException e) {
      result.r1 = 0;
    }
  }

  @Actor
  public void closer() {
    pair.client.close(false);
  }

  @Arbiter
  public void afterwards(II_Result result) {
    pair.release();
    int first = pair.read();
    boolean ends = first < 0 || pair.read() < 0;
    result.r2 = ends ? Math.max(0, first) : -1;
    pair.close();
  }
}
