package io.nioring.internal.async;

import java.nio.channels.CompletionHandler;
import java.util.Objects;

/**
 * The receiver of an operation's result: a handler or a future.
 *
 * @param handler the handler; null for a future
 * @param attachment the handler's attachment
 * @param future the future; null for a handler
 * @param <V> the result of the operation
 */
record Completion<V>(
    CompletionHandler<V, Object> handler, Object attachment, PendingFuture<V> future) {

  /** A handler, with its attachment. */
  @SuppressWarnings("unchecked") // the handler only gets this attachment
  static <V, A> Completion<V> of(CompletionHandler<V, ? super A> handler, A attachment) {
    Objects.requireNonNull(handler, "'handler' is null");
    return new Completion<>((CompletionHandler<V, Object>) handler, attachment, null);
  }

  /** A new future. */
  static <V> Completion<V> ofFuture() {
    return new Completion<>(null, null, new PendingFuture<>());
  }
}
