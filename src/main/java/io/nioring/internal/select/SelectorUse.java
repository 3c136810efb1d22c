package io.nioring.internal.select;

import io.nioring.internal.poll.Waiter;

/** Tells with which selector a socket is registered, for diagnostic tools; makes no object. */
public final class SelectorUse {
  private SelectorUse() {}

  /**
   * A number that distinguishes selectors: that of the key that a waiter of a socket stands for; 0
   * if it is not a key's, or null.
   */
  public static int selectorOf(Waiter waiter) {
    return waiter instanceof ReadyNode node ? node.selectorNumber() : 0;
  }

  /** What that key is interested in; 0 likewise. */
  public static int interestOf(Waiter waiter) {
    return waiter instanceof ReadyNode node ? node.interestOps() : 0;
  }
}
