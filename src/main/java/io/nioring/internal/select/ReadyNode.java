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
 */
final class ReadyNode implements Waiter {
  private static final int IN_OPS = SelectionKey.OP_READ | SelectionKey.OP_ACCEPT;
  private static final int OUT_OPS = SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT;
  private static final VarHandle QUEUED;
  private static final VarHandle INTEREST_OPS;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      QUEUED = lookup.findVarHandle(ReadyNode.class, "queued", boolean.class);
      INTEREST_OPS = lookup.findVarHandle(ReadyNode.class, "interestOps", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ReadyQueue queue;
  private volatile boolean queued;
  private volatile int interestOps;

  /** The key's index in the key table, -1 if none; written by the table under its lock. */
  int index = -1;

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
    return (interestOps & concerned) != 0;
  }

  /** The bits of {@link Readiness} that correspond to operations. */
  static int bitsOf(int ops) {
    return ((ops & IN_OPS) != 0 ? Readiness.IN : 0) | ((ops & OUT_OPS) != 0 ? Readiness.OUT : 0);
  }

  /** Makes the node a candidate for the selector's next check, unless it is one already. */
  void enqueue() {
    if (!queued && QUEUED.compareAndSet(this, false, true)) {
      queue.push(this);
    }
  }

  /**
   * Releases a candidate that was found not ready. The selector checks once more afterwards: a
   * change before the fence is seen by that check, one after it finds the flag cleared.
   */
  void letGo() {
    QUEUED.setRelease(this, false);
    VarHandle.fullFence(); // pairs with the fence between publishing and PollSet.wake
  }

  /** Makes the node a candidate again; false if a wake-up has queued it meanwhile. */
  boolean takeBack() {
    return QUEUED.compareAndSet(this, false, true);
  }

  int interestOps() {
    return interestOps;
  }

  /** A number that usually distinguishes selectors. */
  int selectorNumber() {
    return System.identityHashCode(queue);
  }

  int getAndSetInterestOps(int ops) {
    return (int) INTEREST_OPS.getAndSet(this, ops);
  }

  int getAndAddInterestOps(int ops) {
    return (int) INTEREST_OPS.getAndBitwiseOr(this, ops);
  }

  int getAndKeepInterestOps(int ops) {
    return (int) INTEREST_OPS.getAndBitwiseAnd(this, ops);
  }
}
