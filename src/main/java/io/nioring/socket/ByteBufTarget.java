package io.nioring.socket;

import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import java.nio.ByteBuffer;

/** The writable bytes of a Netty buffer. */
final class ByteBufTarget extends ByteTarget {
  private final ByteBuf dst;

  ByteBufTarget(ByteBuf dst) {
    if (dst.refCnt() == 0) {
      throw new IllegalReferenceCountException(0);
    }
    if (dst.isReadOnly()) {
      throw new IllegalArgumentException("Read-only buffer");
    }
    this.dst = dst;
  }

  @Override
  public long remaining() {
    return dst.writableBytes();
  }

  @Override
  public void transferFrom(ByteBuffer src) {
    dst.writeBytes(src);
  }
}
