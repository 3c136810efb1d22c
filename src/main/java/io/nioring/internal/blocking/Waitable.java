package io.nioring.internal.blocking;

import io.nioring.internal.poll.PollSet;

/** A socket that threads can wait for. */
public interface Waitable {
  /** The waiters for it. */
  PollSet poll();

  /** The bits of {@link io.nioring.internal.poll.Readiness} that hold now of those wanted. */
  int readiness(int wanted);

  /** Whether the socket is open. */
  boolean isOpen();
}
