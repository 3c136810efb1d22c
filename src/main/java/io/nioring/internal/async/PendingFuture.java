package io.nioring.internal.async;

import java.io.IOException;
import java.nio.channels.AsynchronousChannel;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/**
 * What an operation gives whose end is waited for.
 *
 * @param <V> the result
 */
final class PendingFuture<V> extends CompletableFuture<V> {
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
