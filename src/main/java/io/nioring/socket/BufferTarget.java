package io.nioring.socket;

import io.nioring.internal.copy.MappedPages;
import io.nioring.internal.copy.RepeatedBuffers;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;

/** The room of several buffers. */
final class BufferTarget extends ByteTarget {
  private final ByteBuffer[] dsts;

  /** The first buffer that may have room. */
  private int current;

  BufferTarget(ByteBuffer[] dsts) {
    for (ByteBuffer dst : dsts) {
      if (dst.isReadOnly()) {
        throw new IllegalArgumentException("Read-only buffer");
      }
    }
    this.dsts = RepeatedBuffers.filledOnce(dsts);
  }

  @Override
  public long remaining() {
    long sum = 0;
    for (int i = current; i < dsts.length; i++) {
      sum += dsts[i].remaining();
    }
    return sum;
  }

  @Override
  public void transferFrom(ByteBuffer src) {
    while (src.hasRemaining()) {
      ByteBuffer dst = dsts[current];
      int count = Math.min(src.remaining(), dst.remaining());
      dst.put(dst.position(), src, src.position(), count);
      if (dst instanceof MappedByteBuffer mapped) {
        MappedPages.ensureCopied(mapped, dst.position(), count);
      }
      dst.position(dst.position() + count);
      src.position(src.position() + count);
      if (!dst.hasRemaining()) {
        current++;
      }
    }
  }
}
