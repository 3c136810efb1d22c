package io.nioring.internal.async;

import java.nio.channels.AsynchronousChannel;
import java.nio.channels.CompletionHandler;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * One operation of an asynchronous channel, from its start to the delivery of its result.
 *
 * <h2>How it works</h2>
 *
 * <pre>{@code
 * WAITING <-> BUSY <-> AGAIN      BUSY, AGAIN -> DONE      WAITING, DONE -> TOLD
 * }</pre>
 *
 * The thread that takes it from {@code WAITING} to {@code BUSY} is its holder, the only thread that
 * tries it or ends it. Other threads that wake a busy one set it to {@code AGAIN}, so that the
 * holder tries once more before it releases it. A result is therefore produced and stored by one
 * thread, and no second attempt can read the next message into a buffer that belongs to the user
 * again.
 *
 * <p>A handler is called once, by the task that takes it to {@code TOLD}: an executor may throw
 * although it has the task, as a queue does that took it and then had no memory to wake a thread.
 *
 * @param <V> what it gives
 */
abstract class Operation<V> extends GroupTask {
  private static final int WAITING = 0;
  private static final int BUSY = 1;
  private static final int AGAIN = 2;
  private static final int DONE = 3;
  private static final int TOLD = 4;

  /** No handle, whose first call takes memory: an operation that has its slot must be tried. */
  @SuppressWarnings("rawtypes")
  private static final AtomicIntegerFieldUpdater<Operation> STATE =
      AtomicIntegerFieldUpdater.newUpdater(Operation.class, "state");

  /** Receives the result; null if a future does. */
  private final CompletionHandler<V, Object> handler;

  private final Object attachment;
  private final PendingFuture<V> future;

  @SuppressWarnings("FieldMayBeFinal") // written by the updater too
  private volatile int state = WAITING;

  /** Why it is to end with the next attempt that finds nothing; null if it is not. */
  private volatile Throwable ending;

  /** The time limit; null if there is none. */
  private volatile Timeouts.Entry timeout;

  // Written by the holder.

  private V result;
  private Throwable failure;

  /**
   * Makes an operation that has not been tried.
   *
   * @param completion receives the result
   */
  Operation(GroupThreads threads, Completion<V> completion) {
    super(threads);
    this.handler = completion.handler();
    this.attachment = completion.attachment();
    this.future = completion.future();
  }

  /**
   * Tries it, without waiting.
   *
   * @return whether it has ended; its result was {@link #give given} then
   * @throws Exception if it failed
   */
  abstract boolean attempt() throws Exception;

  /** The exception that the program gets for one of an attempt. */
  Throwable failure(Throwable thrown) {
    return thrown;
  }

  /** Whether its handler may be called by the method that begins it, on a thread of the group's. */
  boolean mayBeToldInBeginning() {
    return true;
  }

  /**
   * Frees a result that is not delivered: the future was cancelled, or the group takes no tasks.
   */
  void discard(V unwanted) {}

  /** Notes the result, in an attempt. */
  final void give(V value) {
    result = value;
  }

  /** Notes the failure, as the holder or before it is tried. */
  final void fail(Throwable cause) {
    failure = cause;
  }

  // -- states

  /**
   * Takes the operation in order to try or end it.
   *
   * @return whether the caller is its holder; otherwise its holder looks once more, or it is done
   */
  final boolean take() {
    while (true) {
      switch (state) {
        case WAITING -> {
          if (moves(WAITING, BUSY)) {
            return true;
          }
        }
        case BUSY -> {
          if (moves(BUSY, AGAIN)) {
            return false;
          }
        }
        default -> {
          return false;
        }
      }
    }
  }

  /**
   * Makes its holder try once more.
   *
   * @return false if it has no holder, and is not done
   */
  final boolean tellHolder() {
    while (true) {
      int present = state;
      if (present == WAITING) {
        return false;
      }
      if (present != BUSY || moves(BUSY, AGAIN)) {
        return true;
      }
    }
  }

  /**
   * Releases an operation that found nothing.
   *
   * @return false if there was a wake-up meanwhile: the caller still holds it and tries again
   */
  final boolean letGo() {
    if (moves(BUSY, WAITING)) {
      return true;
    }
    state = BUSY;
    return false;
  }

  private boolean moves(int from, int to) {
    return STATE.compareAndSet(this, from, to);
  }

  /** Ends the operation, as its holder. */
  final void done() {
    state = DONE;
    Timeouts.Entry limit = timeout;
    if (limit != null) {
      limit.cancel();
    }
  }

  /** Sets the time limit of an operation that goes on; one that ended meanwhile needs none. */
  final void limit(Timeouts.Entry limit) {
    timeout = limit;
    if (state >= DONE) {
      limit.cancel(); // the end may have come too early to see the limit
    }
  }

  /** Why the operation is to end; null if it is not. */
  final Throwable ending() {
    return ending;
  }

  /** Sets why the operation is to end; the caller takes it next. */
  final void endWith(Throwable cause) {
    ending = cause;
  }

  /** Whether a future receives the result. */
  final boolean isForFuture() {
    return future != null;
  }

  /** Lets a future's cancel find the operation. */
  final void bindFuture(Side side, AsynchronousChannel channel) {
    if (future != null) {
      future.bind(side, this, channel);
    }
  }

  // -- delivery

  /**
   * Delivers the result, on the thread that started the operation.
   *
   * @throws java.nio.channels.ShutdownChannelGroupException if the group takes no tasks any more
   */
  final void deliverToCaller() {
    if (future != null) {
      settleForSure();
    } else if (!mayBeToldInBeginning() || !invokedHere()) {
      submitOrDiscard();
    }
  }

  private void submitOrDiscard() {
    try {
      threads.submit(this);
    } catch (VirtualMachineError | LinkageError e) { // the result goes to the handler all the same
      submitForSure();
    } catch (RuntimeException | Error e) {
      if (isToldFirst()) { // that the operation failed, and not by a task that was taken
        if (failure == null) {
          discard(result);
        }
        throw e;
      }
    }
  }

  private boolean isToldFirst() {
    int present = state;
    return present != TOLD && moves(present, TOLD);
  }

  /** Delivers the result, on any thread. */
  final void deliver() {
    if (future != null) {
      settleForSure();
    } else if (!invokedHere()) {
      submitForSure();
    }
  }

  private void settleForSure() {
    if (!isSettled()) {
      threads.retryLater(this);
    }
  }

  @Override
  protected boolean tryAgain() {
    return future == null ? super.tryAgain() : isSettled();
  }

  /** Settles the future; false without memory to note a failure in it. */
  private boolean isSettled() {
    try {
      if (failure != null) {
        future.completeExceptionally(failure);
      } else if (!future.complete(result)) {
        discard(result);
      }
    } catch (VirtualMachineError | LinkageError e) {
      return future.isDone();
    } finally {
      future.tellWaiting();
    }
    return true;
  }

  /** Calls the handler if this is a thread of the group's with few of these calls on its stack. */
  private boolean invokedHere() {
    int[] depth = threads.depthOrNull();
    if (depth == null || !CallDepth.mayCall(depth)) {
      return false;
    }
    invokeCounted(depth);
    return true;
  }

  /** In a task of its own, where its call is the first on the stack and counts as the others do. */
  @Override
  final void perform() {
    if (isToldFirst()) {
      int[] depth = threads.depthOrNull();
      if (depth == null) {
        invoke();
      } else {
        invokeCounted(depth);
      }
    }
  }

  private void invokeCounted(int[] depth) {
    CallDepth.enter(depth);
    try {
      invoke();
    } finally {
      CallDepth.leave(depth);
    }
  }

  private void invoke() {
    try {
      if (failure == null) {
        handler.completed(result, attachment);
      } else {
        handler.failed(failure, attachment);
      }
    } finally {
      Thread.interrupted(); // it was meant for the handler, and does not concern the next one
    }
  }
}
