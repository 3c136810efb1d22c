package io.nioring.internal.core;

import io.nioring.internal.ring.BufferChecks;
import io.nioring.internal.stream.Endpoint;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A read into several buffers: the bytes of one read, distributed over them. */
final class Scatter extends Incoming {
  /** No initializer, which a full heap could make fail for good; one more instance is no harm. */
  private static Scatter instance;

  private Scatter() {}

  static Incoming instance() {
    Scatter present = instance;
    if (present == null) {
      present = new Scatter();
      instance = present;
    }
    return present;
  }

  @Override
  void check(ByteBuffer[] dsts, int from, int to) {
    for (int i = from; i < to; i++) {
      BufferChecks.ensureWritable(dsts[i]);
    }
  }

  @Override
  boolean hasRoom(ByteBuffer[] dsts, int from, int to) {
    for (int i = from; i < to; i++) {
      if (dsts[i].hasRemaining()) {
        return true;
      }
    }
    return false;
  }

  @Override
  int take(Endpoint end, ByteBuffer[] dsts, int from, int to) throws IOException {
    int total = 0;
    for (int i = from; i < to; i++) {
      ByteBuffer dst = dsts[i];
      if (dst.hasRemaining()) {
        int count = total == 0 ? end.read(dst) : takeMore(end, dst);
        if (count <= 0) {
          return total == 0 ? count : total;
        }
        total += count;
        if (dst.hasRemaining()) {
          return total;
        }
      }
    }
    return total;
  }

  /** Returns what has been read, even if a later buffer can no longer be used. */
  private static int takeMore(Endpoint end, ByteBuffer dst) {
    try {
      return end.readMore(dst);
    } catch (RuntimeException e) { // its memory was freed, or belongs to another thread
      return 0;
    }
  }
}
