package io.nioring.socket;

import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import java.nio.ByteBuffer;

/**
 * The readable bytes of a Netty buffer. A buffer of a class that is not Netty's gives them through
 * a private copy.
 */
final class ByteBufSource extends ByteSource {
  private final ByteBuf src;
  private final boolean ofNetty;

  ByteBufSource(ByteBuf src) {
    if (src.refCnt() == 0) {
      throw new IllegalReferenceCountException(0);
    }
    this.src = src;
    this.ofNetty = NettyBuffers.isOfNetty(src);
  }

  @Override
  public long remaining() {
    return src.readableBytes();
  }

  @Override
  public void transferTo(ByteBuffer dst) {
    if (ofNetty) {
      src.readBytes(dst);
      return;
    }
    while (dst.hasRemaining()) {
      int count = Math.min(NettyBuffers.COPY_BYTES, dst.remaining());
      byte[] copy = new byte[count];
      src.readBytes(ByteBuffer.wrap(copy));
      dst.put(copy);
    }
  }
}
