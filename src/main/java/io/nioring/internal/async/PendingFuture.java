package io.nioring.internal.async;

import io.nioring.internal.poll.SpinWait;
import io.nioring.internal.time.Clock;
import io.nioring.internal.time.Deadline;
import java.io.IOException;
import java.nio.channels.AsynchronousChannel;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * The future of an operation.
 *
 * @param <V> the result
 */
final class PendingFuture<V> extends CompletableFuture<V> implements SpinWait.Condition {
  // Written before the future is handed out.

  private Side side;
  private Operation<V> operation;
  private AsynchronousChannel channel;

  /** Sets the operation that a cancel is to end. */
  void bind(Side of, Operation<V> pending, AsynchronousChannel on) {
    side = of;
    operation = pending;
    channel = on;
  }

  /** Whether its wait is over. */
  @Override
  public boolean holds() {
    return isDone();
  }

  @Override
  public V get() throws InterruptedException, ExecutionException {
    await(Deadline.FOREVER);
    return super.get();
  }

  /** {@inheritDoc} The time is the network's. */
  @Override
  public V get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    Clock clock = operation == null ? Clock.SYSTEM : operation.threads.clock();
    long begun = clock.nanoTime();
    long nanos = unit.toNanos(timeout);
    await(nanos);
    return super.get(nanos - (clock.nanoTime() - begun), TimeUnit.NANOSECONDS);
  }

  /** Waits as far as the clock or the side lets this thread do so; the rest is the superclass's. */
  private void await(long nanos) throws InterruptedException {
    if (side == null || isDone() || nanos <= 0) {
      return;
    }
    if (operation.threads.clock().countsWaiters()) {
      awaitCounted(operation.threads.clock(), nanos);
    } else {
      side.futureWait().await(operation, this, nanos);
    }
  }

  /** Waits by a clock that counts who waits. */
  private void awaitCounted(Clock clock, long nanos) {
    Thread waiting = Thread.currentThread();
    CompletableFuture<V> waking = whenComplete((value, failure) -> LockSupport.unpark(waiting));
    long start = clock.nanoTime();
    long left = nanos;
    while (!waking.isDone() && left > 0 && !waiting.isInterrupted()) {
      if (nanos == Deadline.FOREVER) {
        clock.park(this);
      } else {
        clock.parkNanos(this, left);
        left = nanos - (clock.nanoTime() - start);
      }
    }
  }

  /** Notifies a thread that waits with the side that the future is done. */
  void tellWaiting() {
    if (side != null) {
      side.tellWaiting(operation);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>The direction cannot be used any more: it is unknown which bytes were transferred. If the
   * thread may be interrupted, the channel is closed, as {@link AsynchronousChannel} specifies.
   */
  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    if (!completeExceptionally(new CancellationException())) {
      return false; // also if it was cancelled before, other than a CompletableFuture's cancel
    }
    if (side != null) {
      side.cancel(operation);
      side.tellWaiting(operation);
    }
    if (mayInterruptIfRunning && channel != null) {
      closeQuietly(channel);
    }
    return true;
  }

  private static void closeQuietly(AsynchronousChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      return; // cancel has no way to tell, and the operation is cancelled
    }
  }
}
