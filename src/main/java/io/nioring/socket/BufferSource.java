package io.nioring.socket;

import io.nioring.internal.copy.MappedPages;
import io.nioring.internal.copy.RepeatedBuffers;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;

/** The remaining bytes of several buffers. */
final class BufferSource extends ByteSource {
  private final ByteBuffer[] srcs;

  /** The first buffer that may have bytes left. */
  private int current;

  BufferSource(ByteBuffer[] srcs) {
    for (ByteBuffer src : srcs) {
      src.remaining(); // a null is found here, not under a lock
    }
    this.srcs = RepeatedBuffers.separated(srcs, 0, srcs.length);
  }

  @Override
  public long remaining() {
    long sum = 0;
    for (int i = current; i < srcs.length; i++) {
      sum += srcs[i].remaining();
    }
    return sum;
  }

  @Override
  public void transferTo(ByteBuffer dst) {
    while (dst.hasRemaining()) {
      ByteBuffer src = srcs[current];
      int count = Math.min(src.remaining(), dst.remaining());
      dst.put(dst.position(), src, src.position(), count);
      if (src instanceof MappedByteBuffer mapped) {
        MappedPages.ensureCopied(mapped, src.position(), count);
      }
      dst.position(dst.position() + count);
      src.position(src.position() + count);
      if (!src.hasRemaining()) {
        current++;
      }
    }
  }
}
