package io.nioring.socket;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * Where the bytes of a receive go: buffers of java.nio or one of Netty's.
 *
 * <p>A thin view: the buffers' positions or the writer index move as bytes are put. Used by one
 * thread at a time, within one call. The two concrete forms are not for users to tell apart.
 */
public abstract sealed class ByteTarget permits BufferTarget, ByteBufTarget {
  ByteTarget() {}

  /**
   * The room of buffers, one buffer after the other (scatter).
   *
   * @param dsts the buffers
   * @return the target
   * @throws IllegalArgumentException if one of them is read-only
   */
  public static ByteTarget of(ByteBuffer... dsts) {
    return new BufferTarget(dsts);
  }

  /**
   * The writable bytes of a Netty buffer, which may be a composite one. It is not made to grow. Its
   * writer index moves; its reference count does not.
   *
   * @param dst the buffer
   * @return the target
   * @throws IllegalArgumentException if it is read-only
   * @throws io.netty.util.IllegalReferenceCountException if it was released
   */
  public static ByteTarget of(ByteBuf dst) {
    return new ByteBufTarget(dst);
  }

  /** {@return how many bytes fit} */
  public abstract long remaining();

  /**
   * Moves bytes in.
   *
   * @param src emptied to its limit; no more than {@link #remaining()} may remain in it
   */
  public abstract void transferFrom(ByteBuffer src);
}
