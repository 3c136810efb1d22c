package io.nioring.internal.select;

import io.nioring.internal.poll.Readiness;
import io.nioring.internal.poll.Waiter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.SelectionKey;

/**
 * The node of a key in its channel's poll set and in its selector's ready queue.
 *
 * <p>It holds the interest set, so that a wake-up without interest ends here, and the flag that
 * keeps it from being queued twice. While the flag is set the selector has it among its candidates
 * or in the queue and will check the channel before it sleeps. The peers of the channel read it at
 * every write, so it has no field that the selecting thread writes at every check.
 *
 * <p>One word holds it all, since the heap of an idle connection is counted in bytes:
 *
 * <pre>{@code
 * 31 .. 6                    5           4 .. 0
 * index in the key table     queued      interest set
 * }</pre>
 */
final class ReadyNode implements Waiter {
  private static final int IN_OPS = SelectionKey.OP_READ | SelectionKey.OP_ACCEPT;
  private static final int OUT_OPS = SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT;
  private static final int INTEREST = 0x1f;
  private static final int QUEUED = 1 << 5;
  private static final int INDEX_SHIFT = 6;

  /** How many indexes there are. */
  static final int INDEXES = 1 << (31 - INDEX_SHIFT);

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(ReadyNode.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ReadyQueue queue;

  /** No index, not queued, no interest. */
  private volatile int state = -1 << INDEX_SHIFT;

  /** The node below in the queue's stack; owned by the queue. */
  ReadyNode next;

  ReadyNode(ReadyQueue queue) {
    this.queue = queue;
  }

  @Override
  public void wake(int bits) {
    if (wants(bits)) {
      enqueue();
    }
  }

  @Override
  public boolean wants(int bits) {
    int concerned =
        ((bits & Readiness.IN) != 0 ? IN_OPS : 0) | ((bits & Readiness.OUT) != 0 ? OUT_OPS : 0);
    return (state & concerned) != 0;
  }

  /** The bits of {@link Readiness} that correspond to operations. */
  static int bitsOf(int ops) {
    return ((ops & IN_OPS) != 0 ? Readiness.IN : 0) | ((ops & OUT_OPS) != 0 ? Readiness.OUT : 0);
  }

  /** Makes the node a candidate for the selector's next check, unless it is one already. */
  void enqueue() {
    if ((state & QUEUED) == 0 && takeBack()) {
      queue.push(this);
    }
  }

  /**
   * Releases a candidate that was found not ready. The selector checks once more afterwards: a
   * change before the fence is seen by that check, one after it finds the flag cleared.
   */
  void letGo() {
    // A full fence, which pairs with the one between publishing and PollSet.wake.
    replace(0, ~QUEUED);
  }

  /** Makes the node a candidate again; false if a wake-up has queued it meanwhile. */
  boolean takeBack() {
    return (replace(QUEUED, ~QUEUED) & QUEUED) == 0;
  }

  /** The key's index in the key table, -1 if none. */
  int index() {
    return state >> INDEX_SHIFT;
  }

  /** Sets the index; called by the table under its lock. */
  void index(int place) {
    replace(place << INDEX_SHIFT, ~(-1 << INDEX_SHIFT));
  }

  int interestOps() {
    return state & INTEREST;
  }

  /** A number that usually distinguishes selectors. */
  int selectorNumber() {
    return System.identityHashCode(queue);
  }

  int getAndSetInterestOps(int ops) {
    return replace(ops, ~INTEREST) & INTEREST;
  }

  int getAndAddInterestOps(int ops) {
    return replace(ops, ~0) & INTEREST;
  }

  int getAndKeepInterestOps(int ops) {
    return replace(0, ops | ~INTEREST) & INTEREST;
  }

  /**
   * Replaces all bits outside of a mask; returns the state before. A full fence. Every change comes
   * here, since the first call through a handle takes memory, for each shape of call in a class:
   * this one is made when the key is registered, and none later by a peer that wakes us.
   */
  private int replace(int bits, int kept) {
    int before;
    do {
      before = state;
    } while (!STATE.compareAndSet(this, before, (before & kept) | bits));
    return before;
  }
}
