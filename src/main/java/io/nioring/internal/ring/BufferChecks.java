package io.nioring.internal.ring;

import java.nio.ByteBuffer;

/** Refuses buffers of programs that bytes cannot be moved into or out of. */
public final class BufferChecks {
  private BufferChecks() {}

  /**
   * Refuses a read-only buffer.
   *
   * @throws IllegalArgumentException if it is one
   */
  public static void ensureWritable(ByteBuffer dst) {
    if (dst.isReadOnly()) {
      throw new IllegalArgumentException("Read-only buffer");
    }
  }

  /**
   * Refuses a buffer over a memory segment that was closed or belongs to another thread, before an
   * operation waits, or takes what could not be copied: the copy itself would refuse it too, but
   * later. A buffer without room is not looked at.
   *
   * @throws IllegalStateException if the segment was closed
   */
  public static void ensureAccessible(ByteBuffer buffer) {
    if (buffer.hasRemaining()) {
      buffer.get(buffer.position());
    }
  }
}
