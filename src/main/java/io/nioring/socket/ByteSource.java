package io.nioring.socket;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * Where the bytes of a send come from: buffers of java.nio or one of Netty's.
 *
 * <p>A thin view: the buffers' positions or the reader index move as bytes are taken. Used by one
 * thread at a time, within one call. The two concrete forms are not for users to tell apart.
 */
public abstract sealed class ByteSource permits BufferSource, ByteBufSource {
  ByteSource() {}

  /**
   * The remaining bytes of buffers, one buffer after the other (gather).
   *
   * @param srcs the buffers
   * @return the source
   */
  public static ByteSource of(ByteBuffer... srcs) {
    return new BufferSource(srcs);
  }

  /**
   * The readable bytes of a Netty buffer, which may be a composite one. Its reader index moves; its
   * reference count does not.
   *
   * @param src the buffer
   * @return the source
   * @throws io.netty.util.IllegalReferenceCountException if it was released
   */
  public static ByteSource of(ByteBuf src) {
    return new ByteBufSource(src);
  }

  /** {@return how many bytes are left} */
  public abstract long remaining();

  /**
   * Moves bytes out.
   *
   * @param dst filled to its limit; no more than {@link #remaining()} may remain in it
   */
  public abstract void transferTo(ByteBuffer dst);
}
