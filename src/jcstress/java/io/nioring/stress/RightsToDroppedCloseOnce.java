package io.nioring.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.nioring.internal.stream.Rights;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A right that was sent to an end whose channel is dropped is closed while the sender stays open,
 * by one of the two sides and once: the sender sees that the end is abandoned, or the one who
 * abandons it sees the right.
 */
@JCStressTest
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "sent, and closed by either side")
@Outcome(expect = FORBIDDEN, desc = "left open, or closed twice")
@State
public class RightsToDroppedCloseOnce {
  private final Pair pair = new Pair();
  private final CountingChannel channel = new CountingChannel();

  @Actor
  public void sender(II_Result result) {
    result.r1 = pair.sendOne(pair.first, channel);
  }

  @Actor
  public void dropper() {
    Rights.close(pair.second.abandon());
  }

  @Arbiter
  public void afterwards(II_Result result) {
    result.r2 = channel.timesClosed();
    pair.close();
  }
}
