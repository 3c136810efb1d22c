package io.nioring.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.nioring.internal.stream.HeldChannels;
import io.nioring.internal.stream.Rights;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * The housekeeping has a receiver hold the channel that is in flight to it, while that receiver
 * closes: the channel is closed once.
 */
@JCStressTest
@Outcome(id = "1", expect = ACCEPTABLE, desc = "closed")
@Outcome(expect = FORBIDDEN, desc = "left open for ever, or closed twice")
@State
public class HeldAgainstClose {
  private final Pair pair = new Pair();
  private final HeldChannels holder = new HeldChannels();
  private final CountingReceiver channel = new CountingReceiver();

  /** Sends the channel. */
  public HeldAgainstClose() {
    pair.sendOne(pair.first, channel);
  }

  @Actor
  public void housekeeping() {
    pair.second.holdChannels(holder);
  }

  @Actor
  public void closer() {
    Rights.close(pair.second.close(false));
  }

  @Arbiter
  public void afterwards(I_Result result) {
    pair.close();
    result.r1 = channel.timesClosed();
  }
}
