package io.nioring.internal.stream;

/** How an {@link Endpoint} is closed. */
public enum Closing {
  /** The peer reads what is queued, then the end; or a reset if this end left bytes unread. */
  ORDERLY,

  /**
   * As {@link #ORDERLY}, but the output is shut first: a TCP peer that is reset has then seen the
   * end before. The platform closes plain sockets, and channels registered with a selector, in this
   * way.
   */
  OUTPUT_FIRST,

  /** The peer is reset (SO_LINGER of 0). */
  RESET,

  /** As {@link #ORDERLY}, for an end whose channel was dropped without close. */
  DROPPED,

  /**
   * As {@link #DROPPED}, for an end in flight that cannot be received any more. As in the kernel,
   * whose garbage collector empties the queue first, unread bytes do not reset a Unix peer.
   */
  COLLECTED
}
