package io.nioring.internal.poll;

/**
 * Is notified when the readiness of a {@link PollSet}'s owner may have changed.
 *
 * <p>Called on the thread that made the change, after it has released its locks; but a writer may
 * still have its write lock, see {@link PollSet#wake}. An implementation neither blocks nor throws,
 * and itself checks whether the bits concern it.
 */
public interface Waiter {
  /**
   * Reports that bits of {@link Readiness} may have changed.
   *
   * @param bits what may have become ready
   */
  void wake(int bits);

  /**
   * Whether the waiter is interested in any of the bits now: asked before a caller determines at
   * some cost whether they hold.
   *
   * @param bits bits of {@link Readiness}
   */
  boolean wants(int bits);
}
