package io.nioring.internal.select;

import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.util.function.IntSupplier;

/** A channel that is ready when a test says so. */
final class FakeChannel extends AbstractSelectableChannel implements RingSelectable {
  private final PollSet poll = new PollSet();
  private volatile int readiness;
  private volatile IntSupplier looks = () -> readiness;
  private volatile Runnable useOfPollSet = () -> {};
  private volatile int headStart;
  private volatile int headStartsAsked;
  private boolean refusesKeys;
  private volatile Runnable closing = () -> {};

  FakeChannel() throws IOException {
    super(null);
    configureBlocking(false);
  }

  /** Sets the readiness, and wakes as an endpoint does. */
  void become(int bits) {
    readiness = bits; // volatile: the full fence before the waiters
    poll.wake(Readiness.ALL);
  }

  @Override
  public PollSet poll() {
    useOfPollSet.run();
    return poll;
  }

  /** Runs an action whenever a selector registers or drops a key of this channel. */
  void whenAKeyComesOrGoes(Runnable action) {
    useOfPollSet = action;
  }

  /** Lets each look at the readiness be answered by the test. */
  void answerLooksWith(IntSupplier answers) {
    looks = answers;
  }

  /** Lets the channel refuse to take keys, or not. */
  void refuseKeys(boolean refuse) {
    refusesKeys = refuse;
  }

  @Override
  public void registered(RingSelectionKey key) throws IOException {
    if (refusesKeys) {
      throw new IOException("no descriptor left");
    }
  }

  /** Sets what happens while the channel is closing: not open any more, its keys still valid. */
  void whenClosing(Runnable action) {
    closing = action;
  }

  @Override
  public int readiness(int wanted) {
    return looks.getAsInt();
  }

  /** Sets how long a head start is answered. */
  void answerHeadStart(int spins) {
    headStart = spins;
  }

  /** How often a head start was asked for. */
  int headStartsAsked() {
    return headStartsAsked;
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // by the selecting thread alone
  public int peersHeadStart() {
    headStartsAsked++;
    return headStart;
  }

  @Override
  public int readyOps(int bits) {
    return ((bits & Readiness.IN) != 0 ? SelectionKey.OP_READ : 0)
        | ((bits & Readiness.OUT) != 0 ? SelectionKey.OP_WRITE : 0);
  }

  @Override
  public int validOps() {
    return SelectionKey.OP_READ | SelectionKey.OP_WRITE;
  }

  @Override
  protected void implCloseSelectableChannel() {
    closing.run();
  }

  @Override
  protected void implConfigureBlocking(boolean block) {}
}
