package io.nioring.internal.copy;

import java.nio.MappedByteBuffer;

/**
 * Copies from and to mapped files, which may have been truncated since they were mapped.
 *
 * <p>The JVM reports the access to a page that is not there by an {@link InternalError}; on JDK 17
 * at some later time, when the thread next calls the runtime: after the bytes that were not copied
 * were published, or in the middle of a wake-up. Here it comes before that.
 */
public final class MappedPages {
  /** What is mapped up to this size is asked for as a whole, which takes no memory. */
  private static final int SMALL_BYTES = 64 * 1024;

  private MappedPages() {}

  /**
   * Called after a copy, before anyone is told of it.
   *
   * @param buffer the buffer of the user's that was copied from or to, which may be a direct one of
   *     no file
   * @throws InternalError if a page was not there
   */
  public static void ensureCopied(MappedByteBuffer buffer, int position, int count) {
    if (!isThere(buffer, position, count)) {
      throwPendingError();
    }
  }

  /**
   * Whether the pages that were just used are in memory; direct buffers of no file always are. The
   * kernel tells it to those who may write the file, and tells all others that they are.
   */
  private static boolean isThere(MappedByteBuffer buffer, int position, int count) {
    return (buffer.capacity() <= SMALL_BYTES && buffer.isLoaded())
        || buffer.slice(position, count).isLoaded();
  }

  /** A copy that the runtime refuses: it throws what is pending first. */
  @SuppressWarnings("SuspiciousSystemArraycopy") // it is refused on purpose
  private static void throwPendingError() {
    try {
      System.arraycopy(new int[1], 0, new long[1], 0, 1);
    } catch (ArrayStoreException e) {
      return; // nothing is pending: the page left the memory after the copy
    }
  }
}
