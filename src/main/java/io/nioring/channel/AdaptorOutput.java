package io.nioring.channel;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

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
      channel.write(src); // takes less than all only before it fails
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
