package io.nioring.internal.select;

import io.nioring.internal.poll.Waiter;

/**
 * The selector with which a socket is registered, for diagnostic tools.
 *
 * @param selector a number that distinguishes selectors
 * @param interestOps what the key is interested in
 */
public record SelectorUse(int selector, int interestOps) {
  /** The use that a waiter of a socket stands for; null if it is not a key's, or null. */
  public static SelectorUse of(Waiter waiter) {
    return waiter instanceof ReadyNode node
        ? new SelectorUse(node.selectorNumber(), node.interestOps())
        : null;
  }
}
