package io.nioring.internal.select;

import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

/**
 * The nodes that may have become ready since the selector's last check: a stack that any thread
 * pushes to and the selecting thread takes as a whole.
 */
final class ReadyQueue {
  /**
   * No handle, whose first call takes memory: a node that is marked as queued and cannot be pushed
   * would be lost.
   */
  private static final AtomicReferenceFieldUpdater<ReadyQueue, ReadyNode> TOP =
      AtomicReferenceFieldUpdater.newUpdater(ReadyQueue.class, ReadyNode.class, "top");

  private final Sleeper sleeper;
  private volatile ReadyNode top;

  ReadyQueue(Sleeper sleeper) {
    this.sleeper = sleeper;
  }

  /** Adds a node that is in no queue and wakes the selecting thread if it sleeps. */
  void push(ReadyNode node) {
    ReadyNode below;
    do {
      below = top;
      node.next = below;
    } while (!TOP.compareAndSet(this, below, node)); // a full fence: see Sleeper
    sleeper.wake();
  }

  boolean isEmpty() {
    return top == null;
  }

  /** Takes all nodes, the last pushed one first, linked by their {@code next}; null if empty. */
  ReadyNode takeAll() {
    return top == null ? null : TOP.getAndSet(this, null);
  }

  /** Puts back nodes that {@link #takeAll} returned, starting at one. */
  void putBack(ReadyNode first) {
    ReadyNode last = first;
    while (last.next != null) {
      last = last.next;
    }
    ReadyNode below;
    do {
      below = top;
      last.next = below;
    } while (!TOP.compareAndSet(this, below, first));
  }
}
