package io.nioring.internal.core;

import io.nioring.internal.ring.ByteRing;
import io.nioring.internal.stream.Endpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;

/** A write from several buffers in order, as a single write. */
final class Gather extends Outgoing {
  /** No initializer, which a full heap could make fail for good; one more instance is no harm. */
  private static Gather instance;

  private Gather() {}

  static Outgoing instance() {
    Gather present = instance;
    if (present == null) {
      present = new Gather();
      instance = present;
    }
    return present;
  }

  @Override
  void check(ByteBuffer[] srcs, int from, int to) {
    for (int i = from; i < to; i++) {
      Objects.requireNonNull(srcs[i]);
    }
  }

  /** Takes null for empty: the state of the socket is told before {@link #check} looks at them. */
  @Override
  boolean hasRemaining(ByteBuffer[] srcs, int from, int to) {
    for (int i = from; i < to; i++) {
      if (srcs[i] != null && srcs[i].hasRemaining()) {
        return true;
      }
    }
    return false;
  }

  @Override
  long put(Endpoint end, ByteBuffer[] srcs, int from, int to, boolean more) throws IOException {
    long total = 0;
    long told = 0;
    for (int i = from; i < to; i++) {
      ByteBuffer src = srcs[i];
      if (src.hasRemaining()) {
        if (total - told >= ByteRing.PART_BYTES) {
          end.partPublished(); // as within a large buffer
          told = total;
        }
        try {
          int count = more || total > 0 ? end.writeMore(src) : end.write(src);
          if (count < 0) {
            return total == 0 ? count : total;
          }
          total += count;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
          if (total == 0) {
            throw e;
          }
          return total;
        }
        if (src.hasRemaining()) {
          return total;
        }
      }
    }
    return total;
  }
}
