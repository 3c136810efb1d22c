package io.nioring.internal.async;

import io.nioring.internal.poll.Readiness;
import io.nioring.internal.poll.SpinPolicy;
import io.nioring.internal.poll.SpinWait;
import io.nioring.internal.poll.Waiter;
import io.nioring.internal.time.Deadline;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.InterruptedByTimeoutException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Supplier;

/**
 * One direction of an asynchronous channel: the slot of its pending operation, and the waiter that
 * makes it be tried again.
 *
 * <h2>How it works</h2>
 *
 * The thread that starts an operation puts it into the slot (a compare-and-set, and so a full
 * fence) and then tries it. A peer changes something, executes a fence, and wakes: it finds the
 * slot taken, or the attempt has found the change. A wake-up during an attempt makes its thread try
 * again; otherwise it notifies the thread that waits for the operation's future, or submits one
 * task, at most one at a time, that tries the operation.
 *
 * <p>The slot is free before the operation's end is reported: the program may start the next one at
 * once. Reachable from the peer, and so refers to the channel only while an operation is pending.
 */
final class Side implements Waiter {
  private static final int IDLE = 0;
  private static final int SUBMITTED = 1;

  /** No handle, whose first call takes memory: this one is a peer's, which wakes us. */
  private static final AtomicIntegerFieldUpdater<Side> QUEUED =
      AtomicIntegerFieldUpdater.newUpdater(Side.class, "queued");

  private static final VarHandle SLOT;
  private static final VarHandle WAITING;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      SLOT = lookup.findVarHandle(Side.class, "slot", Operation.class);
      WAITING = lookup.findVarHandle(Side.class, "waiting", FutureWait.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int bit;
  private final Supplier<? extends IllegalStateException> pending;
  private final String killedMessage;
  private final Timeouts timeouts;
  private final SpinPolicy spinning;
  private final Attempt task;

  /** The pending operation; null if there is none. */
  @SuppressWarnings("unused") // written by the handle
  private volatile Operation<?> slot;

  /** {@link #SUBMITTED} while the task is submitted, or to be, and has not begun. */
  @SuppressWarnings("UnusedVariable") // through its updater
  private volatile int queued = IDLE;

  /** How threads wait for futures; null until one does. */
  @SuppressWarnings("unused") // written by the handle
  private volatile FutureWait waiting;

  /**
   * Whether a timeout or a cancel has ended an operation, so that it is unknown which bytes were
   * transferred.
   */
  private volatile boolean killed;

  /**
   * Makes a side.
   *
   * @param bit the bit of {@link io.nioring.internal.poll.Readiness} that it waits for
   * @param pending makes the exception for a pending operation
   * @param killedMessage the message if a timeout or a cancel has ended an operation
   */
  Side(
      GroupThreads threads,
      int bit,
      Timeouts timeouts,
      Supplier<? extends IllegalStateException> pending,
      String killedMessage) {
    this.bit = bit;
    this.killedMessage = killedMessage;
    this.timeouts = timeouts;
    this.pending = pending;
    this.spinning = threads.spinning();
    this.task = new Attempt(threads);
  }

  /**
   * Fails if there may be no further operations, or as another one does while one is pending.
   *
   * @throws IllegalStateException which says so
   */
  void ensureMayBegin() {
    if (killed) {
      throw new IllegalStateException(killedMessage);
    }
    if (slot != null) {
      throw pending.get();
    }
  }

  /**
   * Starts an operation, and delivers its result at once if there is one.
   *
   * @param timeout the time limit, 0 or less for none
   */
  void begin(Operation<?> operation, long timeout, TimeUnit unit) {
    // A unit of null begins nothing.
    long nanos = timeout > 0 ? unit.toNanos(timeout) : Deadline.FOREVER;
    if (!SLOT.compareAndSet(this, null, operation)) {
      throw pending.get();
    }
    if (killed && operation.take()) { // by the end of another one, since the caller has asked
      end(operation);
      throw new IllegalStateException(killedMessage);
    }
    if (tryOnce(operation)) {
      operation.deliverToCaller();
    } else if (nanos != Deadline.FOREVER) { // which is also what centuries are
      limit(operation, nanos);
    }
  }

  private void limit(Operation<?> operation, long nanos) {
    try {
      operation.limit(timeouts.add(nanos, () -> timedOut(operation)));
    } catch (VirtualMachineError | LinkageError e) { // the limit would not be watched
      operation.endWith(e);
      endIfWaiting(operation);
    }
  }

  /** Tries the pending operation on this thread: the channel was closed. */
  void tryNow() {
    Operation<?> present = slot;
    if (present != null) {
      tryNow(present);
    }
  }

  /** Tries an operation on this thread unless it has ended. */
  void tryNow(Operation<?> operation) {
    if (tryOnce(operation)) {
      operation.deliver();
    }
  }

  /**
   * Tries an operation unless another thread is trying it, which then tries again.
   *
   * @return whether this thread has ended it, and delivers its result
   */
  private boolean tryOnce(Operation<?> operation) {
    if (!operation.take()) {
      return false;
    }
    do {
      if (hasEnded(operation)) {
        end(operation);
        return true;
      }
    } while (!operation.letGo());
    return false;
  }

  private boolean hasEnded(Operation<?> operation) {
    try {
      if (operation.attempt()) {
        return true;
      }
    } catch (Exception | Error e) { // whatever it is, it is this operation's
      operation.fail(failureOf(operation, e));
      return true;
    }
    Throwable cause = operation.ending();
    if (cause == null) {
      return false;
    }
    killed = true; // before the slot is free
    operation.fail(cause);
    return true;
  }

  private static Throwable failureOf(Operation<?> operation, Throwable thrown) {
    try {
      return operation.failure(thrown);
    } catch (VirtualMachineError | LinkageError e) {
      return thrown; // as it is, rather than nothing
    }
  }

  private void end(Operation<?> operation) {
    operation.done();
    slot = null;
  }

  private void timedOut(Operation<?> operation) {
    operation.endWith(new InterruptedByTimeoutException());
    endIfWaiting(operation);
  }

  /** Ends an operation whose future was cancelled. */
  void cancel(Operation<?> operation) {
    killed = true;
    operation.endWith(new CancellationException());
    endIfWaiting(operation);
  }

  /** Ends an operation that is to end; if it is being tried, that thread does so. */
  private void endIfWaiting(Operation<?> operation) {
    if (operation.take()) {
      killed = true;
      operation.fail(operation.ending());
      end(operation);
      operation.deliver();
    }
  }

  // -- waiting for a future

  /** How a thread waits for the future of an operation. */
  FutureWait futureWait() {
    FutureWait present = waiting;
    if (present == null) {
      present = new FutureWait(this, new SpinWait(spinning, System::nanoTime));
      if (!WAITING.compareAndSet(this, null, present)) {
        present = waiting;
      }
    }
    return present;
  }

  /**
   * Notifies the thread that waits for an operation's future.
   *
   * @return false if no thread waits for it with this side
   */
  boolean tellWaiting(Operation<?> operation) {
    FutureWait present = waiting;
    return present != null && present.tell(operation);
  }

  // -- for the poll set

  @Override
  public boolean wants(int bits) {
    return (bits & bit) != 0 && slot != null;
  }

  @Override
  public void wake(int bits) {
    if ((bits & bit) == 0) {
      return;
    }
    Operation<?> present = slot;
    if (present != null
        && !present.tellHolder()
        && !tellWaiting(present)
        && (bits & Readiness.MORE_FOLLOWS) == 0) { // an executor is code of users
      submitAttempt();
    }
  }

  private void submitAttempt() {
    if (QUEUED.compareAndSet(this, IDLE, SUBMITTED)) {
      task.submitForSure();
    }
  }

  /** Tries the pending operation, on a thread of the group. */
  private final class Attempt extends GroupTask {
    Attempt(GroupThreads threads) {
      super(threads);
    }

    @Override
    void perform() {
      queued = IDLE;
      VarHandle.fullFence(); // a wake-up that found us queued before what it announces
      tryNow();
    }
  }
}
