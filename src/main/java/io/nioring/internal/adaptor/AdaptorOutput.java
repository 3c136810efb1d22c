package io.nioring.internal.adaptor;

import io.nioring.internal.channel.RingSocketChannel;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;

/** The output stream of a socket adaptor: writes wait until everything is taken. */
final class AdaptorOutput extends OutputStream {
  private final RingSocketChannel channel;

  AdaptorOutput(RingSocketChannel channel) {
    this.channel = channel;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    ByteBuffer src = ByteBuffer.wrap(bytes, offset, length);
    if (length == 0) {
      return;
    }
    AdaptorExceptions.ensureBlocking(channel);
    while (src.hasRemaining()) {
      int count = channel.write(src); // takes less than all only before it fails
      if (count == 0) { // made non-blocking since
        throw new IllegalBlockingModeException();
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
