package io.nioring.benchmark;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Iterator;

/** The steps that the workloads are made of, as a textbook on java.nio writes them. */
final class Messages {
  /** What readers read into: as large as servers commonly choose, and larger than any message. */
  static final int READ_BUFFER_BYTES = 64 * 1024;

  private Messages() {}

  /** Reads once; the end of the stream is an error, since no workload ends while it is measured. */
  static int read(ReadableByteChannel channel, ByteBuffer buffer) throws IOException {
    int count = channel.read(buffer);
    if (count < 0) {
      throw new EOFException("the other end has gone");
    }
    return count;
  }

  /** Reads into the buffer, from its start, until that many bytes are there. */
  static void readFully(ReadableByteChannel channel, ByteBuffer buffer, int bytes)
      throws IOException {
    buffer.clear().limit(bytes);
    while (buffer.hasRemaining()) {
      read(channel, buffer);
    }
  }

  /** Writes what remains in the buffer; when the channel is full, waits for room by selecting. */
  static void writeSelecting(SocketChannel channel, ByteBuffer buffer, Selector writable)
      throws IOException {
    channel.write(buffer);
    while (buffer.hasRemaining()) {
      writable.select();
      Iterator<SelectionKey> keys = writable.selectedKeys().iterator();
      while (keys.hasNext()) {
        SelectionKey key = keys.next();
        keys.remove();
        if (key.isWritable()) {
          channel.write(buffer);
        }
      }
    }
  }

  /**
   * Selects until that many bytes have been read from the selected channels into the buffer, which
   * is emptied before each read.
   *
   * @return how many bytes were read, perhaps more than asked for
   */
  static int readSelecting(Selector readable, ByteBuffer buffer, int bytes) throws IOException {
    int received = 0;
    while (received < bytes) {
      readable.select();
      Iterator<SelectionKey> keys = readable.selectedKeys().iterator();
      while (keys.hasNext()) {
        SelectionKey key = keys.next();
        keys.remove();
        if (key.isReadable()) {
          buffer.clear();
          received += read((SocketChannel) key.channel(), buffer);
        }
      }
    }
    return received;
  }
}
