package io.nioring.channel;

import io.nioring.stream.Endpoint;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;

/**
 * Reading from a stream, for sockets and pipes: at once, or waiting.
 *
 * <p>Called with the endpoint's read lock held; the caller unlocks and then wakes the peer's
 * writer.
 */
final class StreamReads {
  private StreamReads() {}

  /**
   * Reads what is there, or waits for it if the channel is blocking.
   *
   * @param dst where the bytes go, with room for at least one
   * @param deadline until when to wait
   * @param idleNanos after how long a wait gives idle ring memory back
   * @return the bytes read, 0 if there are none now, -1 at the end
   * @throws SocketTimeoutException if the deadline passed
   */
  static int read(StreamChannel channel, ByteBuffer dst, Deadline deadline, long idleNanos)
      throws IOException {
    boolean blocking = channel.isBlocking();
    if (blocking && Thread.currentThread().isInterrupted()) {
      closeByInterrupt(channel);
    }
    int count = channel.endpoint().read(dst);
    if (count == 0 && blocking) {
      return await(channel, dst, deadline, idleNanos);
    }
    if (count < 0 && !channel.isOpen()) {
      throw new AsynchronousCloseException(); // the end is our own: closed while we looked
    }
    return count;
  }

  private static int await(StreamChannel channel, ByteBuffer dst, Deadline deadline, long idleNanos)
      throws IOException {
    Endpoint endpoint = channel.endpoint();
    BlockingOperation reading = channel.reading();
    boolean memoryReleased = false;
    int count = 0;
    channel.beginBlocking();
    try {
      while (count == 0 && channel.isOpen()) {
        long left = deadline.remainingNanos();
        if (left <= 0) {
          throw new SocketTimeoutException("Read timed out");
        }
        boolean idle = reading.await(memoryReleased ? left : Math.min(left, idleNanos));
        if (channel.isOpen()) {
          count = endpoint.read(dst);
          if (count == 0 && idle && left > idleNanos && !memoryReleased) {
            endpoint.releaseIdleInput();
            memoryReleased = true;
          }
        }
      }
    } finally {
      channel.endBlocking(count > 0);
    }
    return count;
  }

  /** Closes the channel as an interrupt does that came before the operation. */
  static void closeByInterrupt(StreamChannel channel) throws AsynchronousCloseException {
    channel.beginBlocking();
    channel.endBlocking(false); // throws ClosedByInterruptException
  }

  /** Reads into several buffers: what one read gives, spread over them. */
  static long readScattered(
      StreamChannel channel, ByteBuffer[] dsts, int offset, int length, long idleNanos)
      throws IOException {
    long total = 0;
    for (int i = offset; i < offset + length; i++) {
      ByteBuffer dst = dsts[i];
      if (dst.hasRemaining()) {
        int count =
            total == 0
                ? read(channel, dst, Deadline.NONE, idleNanos)
                : channel.endpoint().readMore(dst);
        if (count <= 0) {
          return total == 0 ? count : total;
        }
        total += count;
        if (dst.hasRemaining()) {
          return total;
        }
      }
    }
    return total;
  }
}
