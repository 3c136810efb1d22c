package io.nioring.internal.select;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.nioring.internal.time.Clock;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A selecting thread that lies down either sees the node that is pushed at that moment, or is woken
 * for it. First figure: it saw the node; second: it was woken.
 */
@JCStressTest
@Outcome(id = "true, true", expect = ACCEPTABLE, desc = "both")
@Outcome(id = "true, false", expect = ACCEPTABLE, desc = "seen before lying down")
@Outcome(id = "false, true", expect = ACCEPTABLE, desc = "woken")
@Outcome(id = "false, false", expect = FORBIDDEN, desc = "sleeps with work in the queue")
@State
public class SleepAgainstPush {
  private final Sleeper sleeper = new Sleeper(null, Clock.SYSTEM);
  private final ReadyQueue queue = new ReadyQueue(sleeper);
  private final ReadyNode node = new ReadyNode(queue);

  @Actor
  public void waker() {
    node.enqueue();
  }

  @Actor
  public void selectingThread(ZZ_Result result) {
    sleeper.lieDown(false);
    result.r1 = !queue.isEmpty();
  }

  @Arbiter
  public void afterwards(ZZ_Result result) {
    result.r2 = !sleeper.isAnnounced();
  }
}
