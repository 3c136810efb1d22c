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

/** A right that was sent to an end that closes is closed, by one of the two sides and once. */
@JCStressTest
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "sent, and closed by either side")
@Outcome(id = "-3, 0", expect = ACCEPTABLE, desc = "broken pipe: still the sender's")
@Outcome(expect = FORBIDDEN, desc = "left open for ever, or closed twice")
@State
public class RightsCloseOnce {
  private final Pair pair = new Pair();
  private final CountingChannel channel = new CountingChannel();

  @Actor
  public void sender(II_Result result) {
    result.r1 = pair.sendOne(pair.first, channel);
  }

  @Actor
  public void closer() {
    Rights.close(pair.second.close(false));
  }

  @Arbiter
  public void afterwards(II_Result result) {
    pair.close();
    result.r2 = channel.timesClosed();
  }
}
