package io.nioring.observe;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The TLS key log file of a capture (SSLKEYLOGFILE), to which a program adds lines as it makes
 * connections. It may be of any length, and is never held as a whole. Used by one thread at a time.
 */
final class KeyLog {
  /** Takes whole lines. */
  interface Lines {
    void take(byte[] lines) throws IOException;
  }

  private static final int PIECE_BYTES = 1 << 20;

  private final Path file;
  private final int pieceBytes;

  /** How far the file was read, up to the end of a line unless it is too long. */
  private long read;

  private boolean isInLongLine;

  KeyLog(Path file) {
    this(file, PIECE_BYTES);
  }

  /**
   * Makes one.
   *
   * @param pieceBytes the most bytes that are taken at a time; a line that is longer is no key, and
   *     is left out
   */
  KeyLog(Path file, int pieceBytes) {
    this.file = file;
    this.pieceBytes = pieceBytes;
  }

  /** Tells the whole lines of the file; {@link #added} continues after them. */
  void all(Lines lines) throws IOException {
    startAgain();
    rest(lines);
  }

  /** Tells the whole lines that were added since the last call: none if the file was removed. */
  void added(Lines lines) throws IOException {
    try {
      rest(lines);
    } catch (NoSuchFileException e) {
      startAgain(); // what is there next is another file
    }
  }

  private void startAgain() {
    read = 0;
    isInLongLine = false;
  }

  /** Tells what is there now: a program that adds lines for ever does not keep the capture. */
  private void rest(Lines lines) throws IOException {
    long size = Files.size(file);
    if (size < read) {
      startAgain(); // it was emptied
    }
    if (size > read) {
      ByteBuffer piece = ByteBuffer.allocate((int) Math.min(pieceBytes, size - read));
      try (SeekableByteChannel in = Files.newByteChannel(file)) {
        while (fill(in, piece, size) && tell(lines, piece)) {}
      }
    }
  }

  private boolean fill(SeekableByteChannel in, ByteBuffer piece, long size) throws IOException {
    piece.clear().limit((int) Math.min(piece.capacity(), size - read));
    in.position(read);
    while (piece.hasRemaining() && in.read(piece) >= 0) {}
    return piece.flip().hasRemaining();
  }

  /**
   * Tells the whole lines of a piece.
   *
   * @return whether there is more to read than a line that has no end yet
   */
  private boolean tell(Lines lines, ByteBuffer piece) throws IOException {
    int end = piece.limit();
    while (end > 0 && piece.get(end - 1) != '\n') {
      end--;
    }
    if (end == 0 && piece.limit() < pieceBytes) {
      return false;
    }
    int start = isInLongLine && end > 0 ? endOfFirstLine(piece) : 0;
    isInLongLine = end == 0;
    read += isInLongLine ? piece.limit() : end;
    if (start < end) {
      byte[] whole = new byte[end - start];
      piece.get(start, whole);
      lines.take(whole);
    }
    return true;
  }

  private static int endOfFirstLine(ByteBuffer piece) {
    int end = 0;
    while (end < piece.limit() && piece.get(end++) != '\n') {}
    return end;
  }
}
