package io.nioring.observe;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The TLS key log file of a capture (SSLKEYLOGFILE), to which a program adds lines as it makes
 * connections. Used by one thread at a time.
 */
final class KeyLog {
  private final Path file;
  private long read;

  KeyLog(Path file) {
    this.file = file;
  }

  /** The whole lines of the file; {@link #added} continues after them. */
  byte[] all() throws IOException {
    read = 0;
    return rest();
  }

  /**
   * The whole lines that were added since the last call; empty if there are none, or the file was
   * removed.
   */
  byte[] added() throws IOException {
    return Files.exists(file) ? rest() : new byte[0];
  }

  private byte[] rest() throws IOException {
    long size = Files.size(file);
    if (size <= read) {
      return new byte[0];
    }
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(size - read));
    try (SeekableByteChannel in = Files.newByteChannel(file)) {
      in.position(read);
      while (bytes.hasRemaining() && in.read(bytes) >= 0) {}
    }
    int end = bytes.position();
    while (end > 0 && bytes.get(end - 1) != '\n') {
      end--;
    }
    read += end;
    return Arrays.copyOf(bytes.array(), end);
  }
}
