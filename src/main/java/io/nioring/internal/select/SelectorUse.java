package io.nioring.internal.select;

import io.nioring.internal.poll.Waiter;

/**
 * With which selector a socket is registered, for those who show it.
 *
 * @param selector a number that tells selectors apart
 * @param interestOps what the key is interested in
 */
public record SelectorUse(int selector, int interestOps) {
  /** What a waiter of a socket is; null if it is no key's, or null. */
  public static SelectorUse of(Waiter waiter) {
    return waiter instanceof ReadyNode node
        ? new SelectorUse(node.selectorNumber(), node.interestOps())
        : null;
  }
}
