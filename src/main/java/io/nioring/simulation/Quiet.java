package io.nioring.simulation;

import io.nioring.internal.time.Clock;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Waits, between the events that a thread lets happen, until nobody else can act.
 *
 * <p>Who is taken for able to act may be waiting for something that the simulation does not know,
 * as an idle thread of a pool. So each is waited for a second at most; whoever has exceeded it is
 * not waited for any more, by this object, before having waited in the simulation. Of a longer
 * pause between two looks little counts: then this thread, and probably the others, have not run.
 */
final class Quiet {
  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LOOK_NANOS = 50_000;
  private static final long MOST_OF_A_LOOK_NANOS = 20 * LOOK_NANOS;

  private final World world;
  private final Actors actors;

  /** Who is not waited for: threads, and tasks that were handed over. */
  private final Set<Object> givenUp = new HashSet<>();

  Quiet(World world, Actors actors) {
    this.world = world;
    this.actors = actors;
  }

  /** Waits until nobody can act but those that have been waited for in vain. */
  void await() {
    long left = LONGEST_NANOS;
    while (!isQuiet(left <= 0)) {
      long before = Clock.SYSTEM.nanoTime();
      Clock.SYSTEM.parkNanos(this, LOOK_NANOS);
      left -= Math.min(MOST_OF_A_LOOK_NANOS, Clock.SYSTEM.nanoTime() - before);
    }
  }

  private boolean isQuiet(boolean givesUp) {
    boolean[] quiet = new boolean[1];
    Thread self = Thread.currentThread();
    world.run(() -> quiet[0] = isQuietButFor(self, givesUp));
    return quiet[0];
  }

  /** With the world's lock held. */
  private boolean isQuietButFor(Thread self, boolean givesUp) {
    if (!actors.canAct(self)) {
      givenUp.clear();
      return true;
    }
    Set<Object> acting = actors.acting();
    acting.remove(self);
    givenUp.retainAll(acting);
    if (givesUp) {
      givenUp.addAll(acting);
    }
    return givenUp.containsAll(acting);
  }
}
