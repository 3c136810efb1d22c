package io.nioring.internal.poll;

/**
 * Somebody who wants to hear when the readiness of a {@link PollSet}'s owner may have changed.
 *
 * <p>Called on the thread that made the change, after it has released its locks. An implementation
 * neither blocks nor throws, and it checks by itself whether the bits concern it.
 */
public interface Waiter {
  /**
   * Says that bits of {@link Readiness} may have changed.
   *
   * @param bits what may have become ready
   */
  void wake(int bits);

  /**
   * Whether the waiter wants to hear of any of the bits now: asked before a caller finds out at
   * some cost whether they hold.
   *
   * @param bits bits of {@link Readiness}
   */
  boolean wants(int bits);
}
