package io.nioring.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.nioring.internal.stream.HeldChannels;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * The housekeeping has a receiver hold the channel that is in flight to it, while that receives it:
 * the byte comes with it.
 */
@JCStressTest
@Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "received, and nobody closed it")
@Outcome(expect = FORBIDDEN, desc = "the channel was lost or closed")
@State
public class HeldAgainstReceive {
  private final Pair pair = new Pair();
  private final HeldChannels holder = new HeldChannels();
  private final CountingReceiver channel = new CountingReceiver();

  /** Sends the channel. */
  public HeldAgainstReceive() {
    pair.sendOne(pair.first, channel);
  }

  @Actor
  public void housekeeping() {
    pair.second.holdChannels(holder);
  }

  @Actor
  public void receiver(II_Result result) {
    result.r1 = pair.receiveRights(pair.second);
  }

  @Arbiter
  public void afterwards(II_Result result) {
    pair.close();
    result.r2 = channel.timesClosed();
  }
}
