package io.nioring.internal.channel;

import io.nioring.internal.stream.Endpoint;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;

/**
 * Reading from a stream, for sockets and pipes: at once, or waiting.
 *
 * <p>A read takes the endpoint's read lock, looks at the channel, reads, unlocks, and then wakes
 * the peer's writer.
 */
final class StreamReads {
  private StreamReads() {}

  /**
   * Reads what is there, or waits for it if the channel is blocking.
   *
   * @param timeoutMillis the longest to wait, 0 without a limit
   * @return the bytes read, 0 if there are none now or none fits, -1 at the end
   * @throws SocketTimeoutException if the time was over
   */
  static int read(StreamChannel channel, ByteBuffer dst, int timeoutMillis) throws IOException {
    Endpoint endpoint = channel.endpoint();
    int count;
    endpoint.lockRead();
    try {
      channel.ensureConnected();
      ensureNotInterrupted(channel);
      count = isAtEnd(channel) ? -1 : implRead(channel, dst, timeoutMillis);
    } finally {
      endpoint.unlockRead();
    }
    if (count > 0) {
      endpoint.wakePeerWriter();
    }
    return count;
  }

  /** Whether a read gives the end at once; an own shutdown wins over a reset. */
  static boolean isAtEnd(StreamChannel channel) throws SocketException {
    if (channel.isInputShut()) {
      return true;
    }
    channel.ensureNotReset();
    return false;
  }

  /** A reset that a read met is noted, so that later reads fail too; an own shutdown wins. */
  static int endedByReset(StreamChannel channel, SocketException reset) throws SocketException {
    channel.noteReset();
    if (channel.isInputShut()) {
      return -1;
    }
    throw reset;
  }

  private static void ensureWritable(ByteBuffer dst) {
    if (dst.isReadOnly()) {
      throw new IllegalArgumentException("Read-only buffer");
    }
  }

  /** Reads into several buffers: what one read gives, spread over them. */
  static long readScattered(StreamChannel channel, ByteBuffer[] dsts, int offset, int length)
      throws IOException {
    Endpoint endpoint = channel.endpoint();
    long count;
    endpoint.lockRead();
    try {
      channel.ensureConnected();
      ensureNotInterrupted(channel);
      count = isAtEnd(channel) ? -1 : implReadScattered(channel, dsts, offset, length);
    } finally {
      endpoint.unlockRead();
    }
    if (count > 0) {
      endpoint.wakePeerWriter();
    }
    return count;
  }

  private static long implReadScattered(
      StreamChannel channel, ByteBuffer[] dsts, int offset, int length) throws IOException {
    for (int i = offset; i < offset + length; i++) {
      ensureWritable(dsts[i]);
    }
    long total = 0;
    for (int i = offset; i < offset + length; i++) {
      ByteBuffer dst = dsts[i];
      if (dst.hasRemaining()) {
        int count = total == 0 ? implRead(channel, dst, 0) : readMore(channel, dst);
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

  /** What has been read is given, also if a further buffer cannot be used any more. */
  private static int readMore(StreamChannel channel, ByteBuffer dst) {
    try {
      return channel.endpoint().readMore(dst);
    } catch (RuntimeException e) { // its memory was freed, or is another thread's
      return 0;
    }
  }

  /** One method on purpose: one more level, and the JIT no longer inlines the copy in full. */
  private static int implRead(StreamChannel channel, ByteBuffer dst, int timeoutMillis)
      throws IOException {
    ensureWritable(dst);
    boolean blocking = channel.isBlocking();
    if (!dst.hasRemaining()) {
      return 0;
    }
    try {
      if (blocking) {
        giveHeadStart(channel);
      }
      int count = channel.endpoint().read(dst);
      if (count == 0 && blocking) {
        return await(channel, dst, timeoutMillis);
      }
      if (count < 0 && !channel.isOpen()) {
        throw new AsynchronousCloseException(); // the end is our own: closed while we looked
      }
      return count;
    } catch (SocketException e) {
      return endedByReset(channel, e);
    }
  }

  /** Before a read that may wait: lets a peer get ahead that sends little at a time and fast. */
  static void giveHeadStart(StreamChannel channel) {
    int spins = channel.maySpin() ? channel.endpoint().peersHeadStart() : 0;
    for (int i = 0; i < spins; i++) {
      Thread.onSpinWait();
    }
  }

  private static int await(StreamChannel channel, ByteBuffer dst, int timeoutMillis)
      throws IOException {
    Endpoint endpoint = channel.endpoint();
    BlockingOperation reading = channel.reading();
    Deadline deadline = Deadline.ofMillis(timeoutMillis);
    int count = 0;
    channel.beginBlocking();
    try {
      while (count == 0 && channel.isOpen()) {
        long left = deadline.remainingNanos();
        if (left <= 0) {
          throw new SocketTimeoutException("Read timed out");
        }
        reading.await(left);
        if (channel.isOpen()) {
          count = endpoint.read(dst);
          if (count == 0) {
            endpoint.releaseInputIfIdle();
          }
        }
      }
    } finally {
      channel.endBlocking(count > 0);
    }
    return count;
  }

  /**
   * Closes a blocking channel as an interrupt does that came before the operation, whatever that
   * would give.
   */
  static void ensureNotInterrupted(StreamChannel channel) throws AsynchronousCloseException {
    if (channel.isBlocking() && Thread.currentThread().isInterrupted()) {
      channel.beginBlocking();
      channel.endBlocking(false); // throws ClosedByInterruptException
    }
  }
}
