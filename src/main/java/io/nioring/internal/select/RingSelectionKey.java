package io.nioring.internal.select;

import io.nioring.internal.poll.Readiness;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectionKey;

/**
 * A channel's registration with a {@link RingSelector}.
 *
 * <p>The channel is one of ours, a {@link RingSelectable}, or one of the platform's, which is then
 * also registered with the platform's selectors: the {@link InnerKeys}. A channel of ours that is
 * connected through the kernel gets them later.
 *
 * <p>The interest set may be changed by any thread. The ready set and the place in the selected-key
 * set are used only by the selecting thread.
 */
public final class RingSelectionKey extends AbstractSelectionKey {
  /** An additional bit above all ready ops. */
  static final int HUNG_UP = 1 << 16;

  /** The bits of which a closing channel shows at least one. */
  private static final int ENDED = Readiness.HUP | Readiness.RDHUP | Readiness.ERR;

  /** How many checks in a row may find a candidate not ready before it is removed. */
  private static final int MISSES = 8;

  private static final VarHandle READY_OPS;

  static {
    try {
      READY_OPS =
          MethodHandles.lookup().findVarHandle(RingSelectionKey.class, "readyOps", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final RingSelector selector;
  private final SelectableChannel channel;

  /** The channel if it is ours, else null: a type check at every look would be expensive. */
  private final RingSelectable ours;

  private final ReadyNode node;
  private volatile InnerKeys inner;
  private int readyOps;

  /** The checks in a row that found the channel not ready; used by the selecting thread. */
  private byte misses;

  /** Whether this key refuses inner keys; guarded by the node's monitor. */
  private boolean dropped;

  /** Whether the selector is done with this key, so that a later cancel has no effect. */
  private volatile boolean forgotten;

  /** The place in the selected-key set, -1 outside; owned by the set. */
  int selectedIndex = -1;

  RingSelectionKey(RingSelector selector, SelectableChannel channel, ReadyNode node) {
    this.selector = selector;
    this.channel = channel;
    this.ours = channel instanceof RingSelectable selectable ? selectable : null;
    this.node = node;
  }

  @Override
  public SelectableChannel channel() {
    return channel;
  }

  /**
   * The selector. {@code cancel()}, which is final, calls this once the key is invalid, and none of
   * our other methods: so the inner keys are cancelled here too, and the kernel's channel can
   * change its mode at once, as it can with a platform selector. Nothing else depends on it; a
   * dropped key cancels them anyway.
   */
  @Override
  public Selector selector() {
    InnerKeys registeredInside = inner;
    if (registeredInside != null && !isValid()) {
      registeredInside.cancel();
    }
    return selector;
  }

  @Override
  public int interestOps() {
    ensureValid();
    return node.interestOps();
  }

  @Override
  public SelectionKey interestOps(int ops) {
    ensureValid();
    ensureSupported(ops);
    interestChanged(node.getAndSetInterestOps(ops), ops);
    return this;
  }

  /** Sets the initial interest, which the channel has checked. */
  void beInterested(int ops) {
    interestChanged(node.getAndSetInterestOps(ops), ops);
  }

  @Override
  public int interestOpsOr(int ops) {
    ensureValid();
    ensureSupported(ops);
    int before = node.getAndAddInterestOps(ops);
    interestChanged(before, before | ops);
    return before;
  }

  @Override
  public int interestOpsAnd(int ops) {
    ensureValid();
    int before = node.getAndKeepInterestOps(ops);
    interestChanged(before, before & ops);
    return before;
  }

  private void interestChanged(int before, int after) {
    InnerKeys registeredInside = inner;
    if (registeredInside != null) {
      registeredInside.passInterest();
    }
    if ((after & ~before) != 0) {
      // The new interest was written with a full fence: a change from here on queues us.
      enqueueIfReady();
    }
  }

  /** Makes the key a candidate if its channel is ready for something it is interested in. */
  void enqueueIfReady() {
    if (pollReadyOps() != 0) {
      node.enqueue();
    }
  }

  @Override
  public int readyOps() {
    ensureValid();
    return (int) READY_OPS.getOpaque(this);
  }

  /** The ready set without a check, for the selecting thread. */
  int selectedReadyOps() {
    return readyOps;
  }

  void setReadyOps(int ops) {
    READY_OPS.setOpaque(this, ops);
  }

  /**
   * The operations in the key's interest set for which the channel is ready now; 0 for none. With
   * hang-up or error these are all, and {@link #HUNG_UP} is added: the platform then replaces a
   * selected key's ready set instead of adding to it.
   */
  int pollReadyOps() {
    int interest = node.interestOps();
    RingSelectable polled = ours;
    if (interest == 0 || polled == null) {
      return 0;
    }
    int readiness = polled.readiness(ReadyNode.bitsOf(interest));
    if ((readiness & ENDED) != 0 && !channel.isOpen()) {
      return 0; // closed, on one side or both; the key is about to be cancelled
    }
    if ((readiness & (Readiness.HUP | Readiness.ERR)) != 0) {
      return interest | HUNG_UP;
    }
    return polled.readyOps(readiness) & interest;
  }

  /** As {@link RingSelectable#peersHeadStart}, if the key is interested in reading. */
  int peersHeadStart() {
    boolean reads = (node.interestOps() & OP_READ) != 0;
    return reads && ours != null ? ours.peersHeadStart() : 0;
  }

  /**
   * Counts a check that found the channel not ready. Channels that alternate, as the two ends of a
   * conversation do, stay candidates in between, which saves both sides the atomic operations of
   * queueing.
   *
   * @return whether it may stay a candidate
   */
  boolean mayMiss() {
    return ++misses <= MISSES;
  }

  /** Resets the count of misses. */
  void forgetMisses() {
    misses = 0;
  }

  ReadyNode node() {
    return node;
  }

  /**
   * Sets the inner keys, and passes the interest on to them: another thread may have changed it
   * since they were registered, before they could be notified.
   *
   * @return false if this key was dropped before: then the inner ones are not needed any more
   */
  boolean setInner(InnerKeys keys) {
    synchronized (node) {
      if (dropped) {
        return false;
      }
      inner = keys;
    }
    keys.passInterest();
    return true;
  }

  /** Refuses inner keys from now on; returns the present ones, null if there are none. */
  InnerKeys dropInner() {
    synchronized (node) {
      dropped = true;
      return inner;
    }
  }

  boolean isForgotten() {
    return forgotten;
  }

  void forget() {
    forgotten = true;
  }

  /**
   * Lets the selector open what registering in the kernel requires, so that {@link #attachKernel}
   * does not fail for lack of descriptors later.
   *
   * @throws IOException if the platform's selector cannot be opened
   */
  public void prepareKernel() throws IOException {
    selector.reachKernel();
  }

  /**
   * Registers a kernel channel with the inner selector for this key. Called once, by the key's
   * channel when it has one; does nothing if that channel or the selector was closed meanwhile.
   *
   * @param kernelChannel a non-blocking channel that is registered nowhere else by users
   * @throws IOException if the platform's selector cannot be opened
   */
  public void attachKernel(SelectableChannel kernelChannel) throws IOException {
    selector.attachKernel(this, kernelChannel);
  }

  private void ensureValid() {
    if (!isValid()) {
      throw new CancelledKeyException();
    }
  }

  private void ensureSupported(int ops) {
    if ((ops & ~channel.validOps()) != 0) {
      throw new IllegalArgumentException(
          "interest ops 0x%x contain what the channel does not support; it supports 0x%x"
              .formatted(ops, channel.validOps()));
    }
  }

  /** In the format of the platform's keys. */
  @Override
  public String toString() {
    Selector named = selector;
    String parts = "channel=" + channel + ", selector=" + named;
    if (!isValid()) {
      return parts + ", invalid";
    }
    int ready = (int) READY_OPS.getOpaque(this);
    return parts + ", interestOps=" + node.interestOps() + ", readyOps=" + ready;
  }
}
