package io.nioring.internal.adaptor;

import io.nioring.internal.channel.RingSocketChannel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.IllegalBlockingModeException;
import java.util.Objects;
import java.util.function.IntSupplier;

/** The input stream of a socket adaptor: reads wait for at most the socket's timeout. */
final class AdaptorInput extends InputStream {
  private final RingSocketChannel channel;
  private final IntSupplier timeoutMillis;

  AdaptorInput(RingSocketChannel channel, IntSupplier timeoutMillis) {
    this.channel = channel;
    this.timeoutMillis = timeoutMillis;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (length == 0) {
      return 0;
    }
    AdaptorExceptions.ensureBlocking(channel);
    int count = channel.way().read(channel, bytes, offset, length, timeoutMillis.getAsInt());
    if (count == 0) { // made non-blocking since
      throw new IllegalBlockingModeException();
    }
    return count;
  }

  @Override
  public int available() throws IOException {
    return channel.way().available();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
