package io.nioring.internal.blocking;

import io.nioring.internal.poll.PollSet;

/** A socket that threads can wait for. */
public interface Waitable {
  /** Who waits. */
  PollSet poll();

  /** The bits of {@link io.nioring.internal.poll.Readiness} that hold now of those wanted. */
  int readiness(int wanted);

  /** Whether the socket was not closed. */
  boolean isOpen();
}
