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
 * What an operation gives whose end is waited for.
 *
 * @param <V> the result
 */
final class PendingFuture<V> extends CompletableFuture<V> implements SpinWait.Condition {
  // Written before the future is handed out.

  private Side side;
  private Operation<V> operation;
  private AsynchronousChannel channel;

  /** Notes what a cancel is to end. */
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

  /** {@inheritDoc} The time is that of the network. */
  @Override
  public V get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    boolean awaited = await(unit.toNanos(timeout));
    return super.get(awaited ? 0 : timeout, unit);
  }

  /**
   * Waits by the network's clock if that counts who waits.
   *
   * @return whether it has waited
   */
  private boolean await(long nanos) {
    if (operation == null || !operation.group.clock().countsWaiters()) {
      return false;
    }
    Clock clock = operation.group.clock();
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
    return true;
  }

  /**
   * {@inheritDoc}
   *
   * <p>The direction cannot be used any more: nobody knows which bytes went. If the thread may be
   * interrupted, the channel is closed, as {@link AsynchronousChannel} specifies.
   */
  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    if (!completeExceptionally(new CancellationException())) {
      return false; // also if it was cancelled before, other than a CompletableFuture's cancel
    }
    if (side != null) {
      side.cancel(operation);
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
