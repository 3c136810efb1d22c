package io.nioring.internal.async;

import java.nio.channels.CompletionHandler;
import java.util.Objects;

/**
 * The receiver of an operation's result: a handler or a future.
 *
 * @param handler the handler; null for a future
 * @param attachment what the handler is given
 * @param future the future; null for a handler
 * @param <V> what the operation gives
 */
record Completion<V>(
    CompletionHandler<V, Object> handler, Object attachment, PendingFuture<V> future) {

  /** A handler, with its attachment. */
  @SuppressWarnings("unchecked") // the handler is given this attachment alone
  static <V, A> Completion<V> of(CompletionHandler<V, ? super A> handler, A attachment) {
    Objects.requireNonNull(handler, "'handler' is null");
    return new Completion<>((CompletionHandler<V, Object>) handler, attachment, null);
  }

  /** A new future. */
  static <V> Completion<V> ofFuture() {
    return new Completion<>(null, null, new PendingFuture<>());
  }
}
