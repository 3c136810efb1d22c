package io.nioring.internal.select;

import io.nioring.internal.platform.PlatformProvider;
import io.nioring.internal.poll.Failures;
import io.nioring.internal.poll.SpinPolicy;
import io.nioring.internal.poll.SpinWait;
import io.nioring.internal.time.Clock;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.IllegalSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A selector for ring channels and for the platform's channels side by side.
 *
 * <p>How it finds what is ready, and its locks, are described in the package's documentation. As
 * {@link Selector} specifies, one thread selects at a time; every method may be called from any
 * thread, and {@code wakeup}, {@code register} and changes of interest never wait for a select.
 */
public final class RingSelector extends AbstractSelector {
  private static final long FOREVER = Long.MAX_VALUE;

  /** How many candidates a waiting thread may check repeatedly. */
  private static final int FEW = 4;

  /** This many selects in a row that found something at once may be the start of a stream. */
  private static final int FINDS_OF_A_STREAM = 2;

  /**
   * How many more selects have to find something before a channel that did not seem to be a stream
   * is checked again.
   */
  private static final int UNASKED = 8;

  private final KeyTable keys = new KeyTable();
  private final SelectedKeySet selectedKeys = new SelectedKeySet();
  private final KernelPoller kernel;
  private final Sleeper sleeper;
  private final ReadyQueue readyQueue;
  private final SpinPolicy spinning;
  private final Clock clock;
  private final SpinWait spinWait;
  private final SpinWait.Condition somethingToLookAt = new SomethingToLookAt();
  private final Consumer<SelectionKey> onKernelReady = new OnKernelReady();

  // For the selecting thread: whether an interrupt wakes it now, and whether begin was called.

  private boolean interruptsWakeUs;
  private boolean interruptsBegun;

  private volatile boolean wakeupPending;

  // The fields below are used by the selecting thread: guarded by the monitor of this selector.

  private boolean selecting;

  /** The nodes to check in the next select: those found ready last time. */
  private ReadyNode[] candidates = new ReadyNode[16];

  private int candidateCount;

  /**
   * Whether the last sleep was ended by a ring: with kernel channels, only then does spinning pay
   * off.
   */
  private boolean ringWokeLast;

  /** The action of the select in progress for ready keys, instead of selecting them; or null. */
  private Consumer<? super SelectionKey> action;

  /** How many keys the select in progress has updated. */
  private int updated;

  /**
   * Whether the select in progress has found a ready key, even one already selected with the same
   * ready set: then the select does not wait, although it may return 0.
   */
  private boolean found;

  /** How many selects in a row have found something at once, up to a limit. */
  private int foundAtOnce;

  /** Whether the select in progress was woken up. */
  private boolean woken;

  /** Whether the kernel had a key that its ring has too, which is passed to an action once. */
  private boolean leftToRings;

  /** Whether the select in progress has asked the kernel. */
  private boolean kernelPolled;

  /**
   * Opens a selector.
   *
   * @param provider the provider that opens it
   * @param platform the source of the selector for kernel channels, once one is registered
   * @param spinning how long a selecting thread spins before it sleeps
   * @param clock the time of the network
   */
  public RingSelector(
      SelectorProvider provider, PlatformProvider platform, SpinPolicy spinning, Clock clock) {
    super(provider);
    this.clock = clock;
    kernel = new KernelPoller(platform, clock);
    sleeper = new Sleeper(kernel, clock);
    readyQueue = new ReadyQueue(sleeper);
    this.spinning = spinning;
    spinWait = new SpinWait(spinning, clock);
  }

  /**
   * Opens what registering in the kernel requires, as the platform's selectors do when they are
   * opened: then no registration, bind or connect fails later for lack of descriptors.
   *
   * @throws IOException if the platform's selector cannot be opened
   */
  public void reachKernel() throws IOException {
    kernel.open();
  }

  // -- the sets

  @Override
  public Set<SelectionKey> keys() {
    ensureOpen();
    return keys.view();
  }

  @Override
  public Set<SelectionKey> selectedKeys() {
    ensureOpen();
    return selectedKeys;
  }

  private void ensureOpen() {
    if (!isOpen()) {
      throw new ClosedSelectorException();
    }
  }

  // -- select

  @Override
  public int selectNow() throws IOException {
    return lockAndSelect(null, 0);
  }

  @Override
  public int select() throws IOException {
    return lockAndSelect(null, FOREVER);
  }

  @Override
  public int select(long timeoutMillis) throws IOException {
    return lockAndSelect(null, nanosOf(timeoutMillis));
  }

  @Override
  public int selectNow(Consumer<SelectionKey> onReady) throws IOException {
    return lockAndSelect(Objects.requireNonNull(onReady), 0);
  }

  @Override
  public int select(Consumer<SelectionKey> onReady) throws IOException {
    return lockAndSelect(Objects.requireNonNull(onReady), FOREVER);
  }

  @Override
  public int select(Consumer<SelectionKey> onReady, long timeoutMillis) throws IOException {
    Objects.requireNonNull(onReady);
    return lockAndSelect(onReady, nanosOf(timeoutMillis));
  }

  private static long nanosOf(long timeoutMillis) {
    if (timeoutMillis < 0) {
      throw new IllegalArgumentException("timeout " + timeoutMillis + " ms is negative");
    }
    return timeoutMillis == 0 ? FOREVER : TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
  }

  private int lockAndSelect(Consumer<SelectionKey> onReady, long nanos) throws IOException {
    synchronized (this) {
      ensureOpen();
      if (selecting) {
        throw new IllegalStateException("select in progress");
      }
      selecting = true;
      action = onReady;
      try {
        synchronized (selectedKeys) {
          return doSelect(nanos);
        }
      } finally {
        selecting = false;
        action = null;
      }
    }
  }

  private int doSelect(long nanos) throws IOException {
    updated = 0;
    found = false;
    woken = false;
    leftToRings = false;
    kernelPolled = false;
    dropCancelled();
    if (foundAtOnce >= FINDS_OF_A_STREAM && candidateCount == 1 && nanos != 0) {
      giveHeadStart(candidates[0]);
    }
    look(Integer.MAX_VALUE);
    foundAtOnce = found ? Math.min(foundAtOnce + 1, FINDS_OF_A_STREAM) : 0;
    if (!found && nanos != 0 && !woken) {
      awaitReady(nanos);
    }
    // Even if rings are always ready the kernel is polled, but not at every select: that costs as
    // much as several round trips over a ring.
    if (kernel.isActive() && !kernelPolled && (nanos == 0 || !found || kernel.isPollDue())) {
      kernel.poll(onKernelReady, 0);
      if (leftToRings && !found) {
        pollRings(Integer.MAX_VALUE);
      }
    }
    dropCancelled();
    return updated;
  }

  /**
   * Waits some microseconds before checking the only candidate, if its peer sends small amounts at
   * a high rate; other channels, and wake-ups, end the wait.
   */
  private void giveHeadStart(ReadyNode node) {
    RingSelectionKey key = keys.keyOf(node);
    int spins = key != null && spinning.maySpin() ? key.peersHeadStart() : 0;
    for (int i = 0; i < spins && !hasSomethingToDo(); i++) {
      Thread.onSpinWait();
    }
    if (spins == 0) {
      foundAtOnce = -UNASKED; // no stream: asking at each select would be expensive
    }
  }

  /**
   * Takes a wake-up, then checks the rings. In this order, as in the kernel's selectors: a later
   * wake-up, even from an action, is for the next select.
   *
   * @param keptAtMost as {@link #pollRings}
   */
  private void look(int keptAtMost) {
    if (wakeupPending) {
      wakeupPending = false; // a full fence: who finds it set published before our check
      woken = true;
    }
    pollRings(keptAtMost);
  }

  /**
   * Checks the candidates and the nodes queued since.
   *
   * @param keptAtMost the number of candidates up to which they stay for a few checks although they
   *     are not ready; if there are more, they are removed, so that a change queues them
   */
  private void pollRings(int keptAtMost) {
    takeQueued();
    int count = candidateCount;
    boolean mayKeep = count <= keptAtMost;
    int seen = 0;
    int kept = 0;
    try {
      while (seen < count) {
        ReadyNode node = candidates[seen++];
        if (lookAt(node, mayKeep)) {
          if (kept != seen - 1) { // reference stores have a cost with G1
            candidates[kept] = node;
          }
          kept++;
        }
      }
    } finally {
      closeGap(kept, seen, count);
    }
  }

  /** Joins the kept candidates and those not checked yet, if an action has thrown. */
  private void closeGap(int kept, int seen, int count) {
    int unseen = count - seen;
    if (unseen > 0) {
      System.arraycopy(candidates, seen, candidates, kept, unseen);
    }
    candidateCount = kept + unseen;
    for (int i = candidateCount; i < count; i++) {
      candidates[i] = null;
    }
  }

  /** Makes the queued nodes candidates; a failure leaves the rest queued. */
  private void takeQueued() {
    ReadyNode node = readyQueue.takeAll();
    try {
      while (node != null) {
        if (candidateCount == candidates.length) {
          candidates = Arrays.copyOf(candidates, candidateCount * 2);
        }
        ReadyNode next = node.next;
        node.next = null;
        candidates[candidateCount++] = node;
        node = next;
      }
    } finally {
      if (node != null) {
        readyQueue.putBack(node);
      }
    }
  }

  /**
   * Selects a candidate's key if its channel is ready. If that fails the node is queued again.
   *
   * @return whether it stays a candidate
   */
  private boolean lookAt(ReadyNode node, boolean mayKeep) {
    RingSelectionKey key = keys.keyOf(node);
    if (key == null || !key.isValid()) {
      return false; // stays marked as queued: a cancelled key's node is never wanted again
    }
    boolean held = true;
    try {
      int ops = key.pollReadyOps();
      if (ops == 0) {
        if (mayKeep && key.mayMiss()) {
          return true;
        }
        key.forgetMisses();
        held = false;
        node.letGo();
        ops = key.pollReadyOps();
        if (ops == 0 || !node.takeBack()) {
          return false;
        }
        held = true;
      }
      key.forgetMisses();
      selectReady(key, ops);
      return true;
    } catch (RuntimeException | Error e) {
      queueAgain(node, held);
      throw e;
    }
  }

  private void queueAgain(ReadyNode node, boolean held) {
    if (held) {
      readyQueue.putBack(node);
    } else {
      node.enqueue();
    }
  }

  /** Adds a ready key to the selected-key set, or passes it to the action. */
  private void selectReady(RingSelectionKey key, int polled) {
    int ops = polled & ~RingSelectionKey.HUNG_UP;
    found = true;
    if (action != null) {
      key.setReadyOps(ops);
      updated++;
      action.accept(key);
      ensureOpen();
    } else if (key.selectedIndex < 0) {
      key.setReadyOps(ops);
      selectedKeys.addSelected(key);
      updated++;
    } else {
      int before = key.selectedReadyOps();
      key.setReadyOps(ops == polled ? before | ops : ops);
      if ((ops & ~before) != 0) {
        updated++;
      }
    }
  }

  private void kernelReady(SelectionKey inner) {
    RingSelectionKey key = InnerKeys.outerOf(inner);
    int ops;
    try {
      ops = key != null && key.isValid() ? inner.readyOps() & inner.interestOps() : 0;
    } catch (CancelledKeyException e) {
      return; // by another thread, just now
    }
    if (ops == 0) {
      return;
    }
    if (action != null && key.pollReadyOps() != 0) {
      leftToRings = true; // pollRings passes it to the action, once
      return;
    }
    selectReady(key, ops);
  }

  /** Handles a key that the kernel found ready. */
  private final class OnKernelReady implements Consumer<SelectionKey> {
    @Override
    public void accept(SelectionKey inner) {
      kernelReady(inner);
    }
  }

  // -- waiting

  private boolean hasSomethingToDo() {
    return !readyQueue.isEmpty() || wakeupPending;
  }

  /**
   * As above, for a thread that has kept candidates: changes of their channels do not queue them.
   */
  private boolean hasSomethingToLookAt() {
    if (hasSomethingToDo()) {
      return true;
    }
    for (int i = 0; i < candidateCount; i++) {
      RingSelectionKey key = keys.keyOf(candidates[i]);
      if (key != null && key.isValid() && key.pollReadyOps() != 0) {
        return true;
      }
    }
    return false;
  }

  /** The condition that ends a busy wait. */
  private final class SomethingToLookAt implements SpinWait.Condition {
    @Override
    public boolean holds() {
      return hasSomethingToLookAt();
    }
  }

  private void awaitReady(long nanos) throws IOException {
    long start = nanos == FOREVER ? 0 : clock.nanoTime();
    boolean looks = candidateCount > FEW; // otherwise nothing has changed since the last check
    try {
      while (true) {
        if (looks || hasSomethingToDo()) {
          look(FEW);
        }
        looks = true;
        if (isOver(start, nanos)) {
          return;
        }
        boolean toKernel = kernel.isActive();
        boolean awaited = (!toKernel || ringWokeLast) && spinWait.await(somethingToLookAt);
        if (!awaited) {
          look(0); // from here on a change of any channel must queue its key
          if (isOver(start, nanos)) {
            return;
          }
          letInterruptsWake(toKernel);
          sleep(toKernel, nanos == FOREVER ? FOREVER : nanos - (clock.nanoTime() - start));
        }
        ringWokeLast = awaited || !readyQueue.isEmpty();
        if (found || (toKernel && Thread.currentThread().isInterrupted())) {
          pollRings(0); // ready rings in addition to ready kernel channels
          return; // the platform's select returns for an interrupt too
        }
      }
    } finally {
      endInterrupts();
    }
  }

  /** Has an interrupt wake the selecting thread, as the platform's select does on its own. */
  private void letInterruptsWake(boolean toKernel) {
    if (toKernel) {
      interruptsWakeUs = false; // the platform's select replaces us as the target of a wake-up
    } else if (!interruptsWakeUs) {
      interruptsWakeUs = true;
      interruptsBegun = true;
      begin(); // wakes us up at once if the thread is interrupted already
    }
  }

  private void endInterrupts() {
    interruptsWakeUs = false;
    if (interruptsBegun) {
      interruptsBegun = false;
      end();
    }
  }

  /** Whether a wait that started at a time has found something or lasted long enough. */
  private boolean isOver(long start, long nanos) {
    return found || woken || !isOpen() || (nanos != FOREVER && clock.nanoTime() - start >= nanos);
  }

  private void sleep(boolean toKernel, long nanos) throws IOException {
    if (nanos <= 0) {
      return;
    }
    long asleepSince = clock.nanoTime();
    sleeper.lieDown(toKernel);
    try {
      if (hasSomethingToDo() || kernel.isActive() != toKernel) {
        return;
      }
      if (toKernel) {
        kernelPolled = true;
        kernel.poll(onKernelReady, nanos);
      } else {
        sleeper.park(nanos);
      }
      spinWait.slept(clock.nanoTime() - asleepSince);
    } finally {
      sleeper.rise();
    }
  }

  @Override
  public Selector wakeup() {
    if (!wakeupPending) { // else the one that set it wakes the thread
      wakeupPending = true; // a full fence
      sleeper.wake();
    }
    return this;
  }

  // -- registering

  @Override
  protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
    ensureOpen();
    RingSelectionKey key = new RingSelectionKey(this, channel, new ReadyNode(readyQueue));
    key.attach(attachment);
    if (channel instanceof RingSelectable selectable) {
      registerOurs(selectable, ops, key);
    } else {
      key.node().getAndSetInterestOps(ops);
      registerPlatforms(channel, ops, key);
    }
    return key;
  }

  /**
   * Registers one of our channels. The key has no interest until everything that may fail is done:
   * nothing queues its node before it is in the table.
   */
  private void registerOurs(RingSelectable channel, int ops, RingSelectionKey key) {
    boolean registered = false;
    channel.poll().add(key.node());
    try {
      channel.registered(key);
      keys.add(key);
      registered = true;
    } catch (IOException e) {
      throw refusal(e);
    } finally {
      if (!registered) {
        takeBack(key);
        channel.poll().remove(key.node());
      }
    }
    key.beInterested(ops);
  }

  /**
   * Registers a platform channel with the platform's selectors too, on behalf of an outer key.
   * Called inside the outer registration, whose channel locks are reentrant.
   */
  private void registerPlatforms(SelectableChannel channel, int ops, RingSelectionKey key) {
    InnerKeys inside = new InnerKeys(key, channel);
    boolean registered = false;
    try {
      kernel.registerGuarded(inside, ops);
      key.setInner(inside);
      keys.add(key);
      registered = true;
    } catch (ClosedChannelException e) {
      RingSelector.<RuntimeException>throwUndeclared(e); // a key would keep its descriptor open
    } catch (IOException e) {
      throw refusal(e);
    } finally {
      if (!registered) {
        takeBack(key);
      }
    }
  }

  /** Invalidates the key of a failed registration, for those that have seen it. */
  private void takeBack(RingSelectionKey key) {
    InnerKeys inside = key.dropInner();
    if (inside != null) {
      kernel.retire(inside);
    }
    key.forget();
    key.cancel();
  }

  /**
   * The exception that {@link SelectableChannel#register} declares for a channel that is not
   * supported.
   */
  private static IllegalSelectorException refusal(IOException cause) {
    IllegalSelectorException refused = new IllegalSelectorException();
    refused.initCause(cause);
    return refused;
  }

  /**
   * Throws an exception that our caller, {@link SelectableChannel#register}, declares and we may
   * not.
   */
  @SuppressWarnings("unchecked")
  private static <E extends Exception> void throwUndeclared(ClosedChannelException e) throws E {
    throw (E) e;
  }

  /** Registers the kernel channel behind one of ours; see {@link RingSelectionKey#attachKernel}. */
  void attachKernel(RingSelectionKey key, SelectableChannel channel) throws IOException {
    InnerKeys inside = new InnerKeys(key, channel);
    try {
      kernel.register(inside, key.node().interestOps());
    } catch (ClosedChannelException | ClosedSelectorException e) {
      return; // the key is about to be cancelled, or was
    }
    if (!key.setInner(inside)) {
      kernel.retire(inside);
    } else if (!key.isValid()) {
      inside.cancel(); // cancelled before it had inner keys to cancel
    }
    VarHandle.fullFence(); // registered before the wake-up, so that a thread that parks sees it
    sleeper.wake();
  }

  // -- cancelling

  private void dropCancelled() throws IOException {
    Set<SelectionKey> cancelled = cancelledKeys();
    // Checked without its monitor: a key cancelled before this select, in program order, is seen;
    // one cancelled concurrently may wait for the next check.
    if (!cancelled.isEmpty()) {
      dropBatch(cancelled);
    }
    if (kernel.hasRetired()) {
      kernel.flush(new Dropping());
    }
  }

  /** Drops keys, then removes them from the set: after a failure the rest stays there. */
  private void dropBatch(Set<SelectionKey> cancelled) {
    SelectionKey[] batch;
    synchronized (cancelled) {
      batch = cancelled.toArray(SelectionKey[]::new);
    }
    int count = 0;
    try {
      for (; count < batch.length; count++) {
        drop((RingSelectionKey) batch[count]);
      }
    } finally {
      synchronized (cancelled) {
        for (int i = 0; i < count; i++) {
          cancelled.remove(batch[i]);
        }
      }
    }
  }

  /** Handles a key whose channel the kernel's selector has deregistered. */
  private final class Dropping implements Consumer<RingSelectionKey> {
    @Override
    public void accept(RingSelectionKey key) {
      drop(key);
    }
  }

  /** Deregisters a key; each step may be repeated after a failure. */
  private void drop(RingSelectionKey key) {
    if (key.isForgotten()) {
      return; // it was added to the cancelled-key set after it was dropped
    }
    keys.remove(key);
    selectedKeys.removeSelected(key);
    deregister(key);
    InnerKeys inside = key.dropInner();
    if (inside != null) {
      kernel.retire(inside);
    }
    if (key.channel() instanceof RingSelectable selectable) {
      selectable.poll().remove(key.node());
    }
    key.forget();
  }

  @Override
  protected void implCloseSelector() throws IOException {
    wakeup();
    synchronized (this) {
      synchronized (selectedKeys) {
        try {
          keys.close();
          dropAll();
        } finally {
          kernel.close();
        }
      }
    }
  }

  /** Drops all keys, even if one of them fails. */
  private void dropAll() {
    Throwable failure = null;
    RingSelectionKey key = keys.last();
    while (key != null) {
      try {
        drop(key); // removes it from the table first
      } catch (RuntimeException | Error e) {
        failure = e;
      }
      key = keys.last();
    }
    Failures.rethrow(failure);
  }
}
