package io.nioring.socket;

import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import java.nio.ByteBuffer;

/** The readable bytes of a Netty buffer. */
final class ByteBufSource extends ByteSource {
  private final ByteBuf src;

  ByteBufSource(ByteBuf src) {
    if (src.refCnt() == 0) {
      throw new IllegalReferenceCountException(0);
    }
    this.src = src;
  }

  @Override
  public long remaining() {
    return src.readableBytes();
  }

  @Override
  public void transferTo(ByteBuffer dst) {
    src.readBytes(dst);
  }
}
