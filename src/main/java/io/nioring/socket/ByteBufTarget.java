package io.nioring.socket;

import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import java.nio.ByteBuffer;

/**
 * The writable bytes of a Netty buffer. A buffer of a class that is not Netty's gets them through a
 * private copy.
 */
final class ByteBufTarget extends ByteTarget {
  private final ByteBuf dst;
  private final boolean ofNetty;

  ByteBufTarget(ByteBuf dst) {
    if (dst.refCnt() == 0) {
      throw new IllegalReferenceCountException(0);
    }
    if (dst.isReadOnly()) {
      throw new IllegalArgumentException("Read-only buffer");
    }
    this.dst = dst;
    this.ofNetty = NettyBuffers.isOfNetty(dst);
  }

  @Override
  public long remaining() {
    return dst.writableBytes();
  }

  @Override
  public void transferFrom(ByteBuffer src) {
    if (ofNetty) {
      dst.writeBytes(src);
      return;
    }
    while (src.hasRemaining()) {
      byte[] copy = new byte[Math.min(NettyBuffers.COPY_BYTES, src.remaining())];
      src.get(copy);
      dst.writeBytes(ByteBuffer.wrap(copy));
    }
  }
}
