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
 * also registered with the platform's selectors: the {@link InnerKeys}. A channel of ours that
 * turns out to be the kernel's way gets them later.
 *
 * <p>The interest set may be changed by any thread. The ready set and the place in the selected-key
 * set are the selecting thread's.
 */
public final class RingSelectionKey extends AbstractSelectionKey {
  /** Stands beside ready ops, above all of them. */
  static final int HUNG_UP = 1 << 16;

  /** What a channel shows, one of these at least, while it closes. */
  private static final int ENDED = Readiness.HUP | Readiness.RDHUP | Readiness.ERR;

  /** How many looks in a row may find a candidate not ready before it is removed. */
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

  /** The channel if it is ours, else null: to ask its class at every look would be dear. */
  private final RingSelectable ours;

  private final ReadyNode node;
  private volatile InnerKeys inner;
  private int readyOps;

  /** The looks in a row that found the channel not ready; the selecting thread's. */
  private byte misses;

  /** Whether this key takes inner keys no more; guarded by the node's monitor. */
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
   * The selector. {@code cancel()}, which is final, asks for it once the key is invalid, and calls
   * nothing else of ours: at that moment the inner keys are cancelled too, so that the kernel's
   * channel can change its mode at once, as it can with a selector of the platform's. Nothing else
   * rests on it; a key that is dropped cancels them anyway.
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

  /** Sets the first interest, of which the channel has checked that it supports it. */
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
      // The new interest was written by an atomic, a full fence: a change from here on queues us.
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
   * What the channel is ready for now of what the key is interested in; 0 for nothing. With hang-up
   * or error that is all of it, and {@link #HUNG_UP} is added: the platform then replaces a
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
      return 0; // closed, at one side so far or both; the key is about to be cancelled
    }
    if ((readiness & (Readiness.HUP | Readiness.ERR)) != 0) {
      return interest | HUNG_UP;
    }
    return polled.readyOps(readiness) & interest;
  }

  /** As {@link RingSelectable#peersHeadStart}, if the key is one for reading. */
  int peersHeadStart() {
    boolean reads = (node.interestOps() & OP_READ) != 0;
    return reads && ours != null ? ours.peersHeadStart() : 0;
  }

  /**
   * Counts a look that found the channel not ready. Channels that take turns, as the two ends of a
   * conversation do, stay candidates in between, which spares both sides the atomics of queueing.
   *
   * @return whether it may stay a candidate
   */
  boolean mayMiss() {
    return ++misses <= MISSES;
  }

  /** Starts counting misses anew. */
  void forgetMisses() {
    misses = 0;
  }

  ReadyNode node() {
    return node;
  }

  /**
   * Sets the inner keys, and passes the interest on to them, which another thread may have changed
   * since they were registered, and found nobody to tell.
   *
   * @return false if this key was dropped before: then the inner ones are not wanted any more
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

  /** Takes no inner keys from now on; returns the present ones, null if there are none. */
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
   * Lets the selector open what registering in the kernel takes, so that {@link #attachKernel} does
   * not lack descriptors later.
   *
   * @throws IOException if the platform's selector cannot be opened
   */
  public void prepareKernel() throws IOException {
    selector.reachKernel();
  }

  /**
   * Registers a channel of the kernel's inside for this key. Called once, by the key's channel when
   * it has one; nothing happens if that channel or the selector was closed meanwhile.
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

  /** As the platform's keys tell it. */
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
