package io.nioring.internal.stream;

/** How an {@link Endpoint} is closed. */
public enum Closing {
  /** The peer reads what is queued, then the end; or a reset if this end left bytes unread. */
  ORDERLY,

  /**
   * As {@link #ORDERLY}, but the output is shut first: a TCP peer that is reset then has seen the
   * end before. So does the platform close a plain socket, and a channel that is registered with a
   * selector.
   */
  OUTPUT_FIRST,

  /** The peer is reset (SO_LINGER of 0). */
  RESET,

  /** As {@link #ORDERLY}: its channel was dropped without close. */
  DROPPED,

  /**
   * As {@link #DROPPED}, in flight to nobody who could receive it. As in the kernel, whose
   * collector empties the queue first, what is unread is no reset to a Unix peer.
   */
  COLLECTED
}
