package io.nioring.internal.core;

import io.nioring.internal.stream.Endpoint;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A single attempt to write one byte of urgent data. */
final class Urgent extends Outgoing {
  private final byte data;
  private boolean tried;

  Urgent(byte data) {
    this.data = data;
  }

  @Override
  boolean hasRemaining(ByteBuffer[] srcs, int from, int to) {
    return !tried;
  }

  @Override
  long put(Endpoint end, ByteBuffer[] srcs, int from, int to, boolean more) throws IOException {
    tried = true;
    return end.writeUrgent(data);
  }
}
