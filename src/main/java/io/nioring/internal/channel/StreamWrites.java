package io.nioring.internal.channel;

import io.nioring.internal.stream.Endpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;

/**
 * Writing to a stream, for sockets and pipes: what fits, or waiting until all is taken.
 *
 * <p>A write takes the endpoint's write lock, looks at the channel, writes, unlocks, and then wakes
 * the peer's reader. Before a wait the reader is woken under the write lock: it needs no lock of
 * ours, and without it nobody would make room.
 */
final class StreamWrites {
  private StreamWrites() {}

  /**
   * Writes what there is room for, or everything if the channel is blocking.
   *
   * @return the bytes taken; less than all on a blocking channel only if the stream failed after it
   *     had taken some: the next write tells
   * @throws AsynchronousCloseException if the channel was closed meanwhile, whatever had been taken
   */
  static int write(StreamChannel channel, ByteBuffer src) throws IOException {
    Endpoint endpoint = channel.endpoint();
    int count;
    endpoint.lockWrite();
    try {
      channel.ensureConnected();
      StreamReads.ensureNotInterrupted(channel);
      if (channel.isOutputShut()) {
        throw refused(channel, src.hasRemaining());
      }
      count = implWrite(channel, src, false);
    } catch (IOException e) {
      throw channel.writeFailure(e);
    } finally {
      endpoint.unlockWrite();
    }
    if (count > 0) {
      endpoint.wakePeerReader();
    }
    return count;
  }

  /**
   * One method on purpose, as {@code implRead} of {@link StreamReads}.
   *
   * @param more whether the operation has taken something before, and tells that if the stream
   *     fails now: by -1
   */
  private static int implWrite(StreamChannel channel, ByteBuffer src, boolean more)
      throws IOException {
    boolean blocking = channel.isBlocking();
    if (!src.hasRemaining()) {
      return 0;
    }
    int count;
    try {
      count = more ? channel.endpoint().writeMore(src) : channel.endpoint().write(src);
    } catch (IOException e) {
      if (channel.isOpen()) {
        throw e;
      }
      throw new AsynchronousCloseException(); // the pipe is broken by our own close
    }
    return blocking && src.hasRemaining() && count >= 0
        ? await(channel, src, count, more || count > 0)
        : count;
  }

  private static int await(StreamChannel channel, ByteBuffer src, int alreadyTaken, boolean more)
      throws IOException {
    Endpoint endpoint = channel.endpoint();
    BlockingOperation writing = channel.writing();
    int total = alreadyTaken;
    int count = 0;
    channel.beginBlocking();
    try {
      while (src.hasRemaining() && channel.isOpen() && count >= 0) {
        endpoint.wakePeerReader();
        writing.await(BlockingOperation.FOREVER);
        if (channel.isOpen()) {
          count = more || total > 0 ? endpoint.writeMore(src) : endpoint.write(src);
          total += Math.max(0, count);
        }
      }
    } finally {
      channel.endBlocking(!src.hasRemaining() || (total > 0 && channel.isOpen()));
    }
    return count < 0 && total == 0 ? count : total;
  }

  /**
   * Refuses a write after the own output was shut. The platform's channels let the kernel do that,
   * and so an error of the connection that was pending is told by it.
   */
  static ClosedChannelException refused(StreamChannel channel, boolean hasBytes) {
    if (hasBytes) {
      channel.endpoint().refusedWrite();
    }
    return new ClosedChannelException();
  }

  /** Writes from several buffers, one after the other, as one write would. */
  static long writeGathered(StreamChannel channel, ByteBuffer[] srcs, int offset, int length)
      throws IOException {
    Endpoint endpoint = channel.endpoint();
    long count;
    endpoint.lockWrite();
    try {
      channel.ensureConnected();
      StreamReads.ensureNotInterrupted(channel);
      if (channel.isOutputShut()) {
        throw refused(channel, hasRemaining(srcs, offset, length));
      }
      count = implWriteGathered(channel, srcs, offset, length);
    } catch (IOException e) {
      throw channel.writeFailure(e);
    } finally {
      endpoint.unlockWrite();
    }
    if (count > 0) {
      endpoint.wakePeerReader();
    }
    return count;
  }

  private static boolean hasRemaining(ByteBuffer[] srcs, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (srcs[i].hasRemaining()) {
        return true;
      }
    }
    return false;
  }

  private static long implWriteGathered(
      StreamChannel channel, ByteBuffer[] srcs, int offset, int length) throws IOException {
    for (int i = offset; i < offset + length; i++) {
      Objects.requireNonNull(srcs[i]); // before anything is sent
    }
    long total = 0;
    for (int i = offset; i < offset + length; i++) {
      ByteBuffer src = srcs[i];
      if (src.hasRemaining()) {
        try {
          int count = implWrite(channel, src, total > 0);
          if (count < 0) {
            return total;
          }
          total += count;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
          if (total == 0 || !channel.isOpen()) {
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

  /**
   * Writes a byte of urgent data, if the peer takes these in band.
   *
   * @throws IOException "Socket buffer full" if there is no room
   */
  static void writeUrgent(StreamChannel channel, byte data) throws IOException {
    Endpoint endpoint = channel.endpoint();
    int count;
    endpoint.lockWrite();
    try {
      channel.ensureConnected();
      StreamReads.ensureNotInterrupted(channel);
      if (channel.isOutputShut()) {
        throw refused(channel, true);
      }
      count = endpoint.writeUrgent(data);
    } finally {
      endpoint.unlockWrite();
    }
    if (count == 0) {
      throw new IOException("Socket buffer full");
    }
    endpoint.wakePeerReader();
  }
}
