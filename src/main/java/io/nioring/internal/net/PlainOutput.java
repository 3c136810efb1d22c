package io.nioring.internal.net;

import java.io.IOException;
import java.io.OutputStream;

/** The output stream of a plain socket. */
final class PlainOutput extends OutputStream {
  private final RingSocketImpl socket;

  PlainOutput(RingSocketImpl socket) {
    this.socket = socket;
  }

  @Override
  public void write(int value) throws IOException {
    socket.write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    socket.write(bytes, offset, length);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
