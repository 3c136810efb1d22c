package io.nioring.internal.channel;

import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.OutgoingMessage;
import io.nioring.socket.ByteTarget;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;

/**
 * Sending and receiving messages on a stream: at once, or waiting.
 *
 * <p>As {@link StreamReads} and {@link StreamWrites}, with the same rules for locks and wake-ups,
 * for calls that carry more than one buffer's bytes. One thing differs: an interrupt that comes
 * after a byte was taken does not hide that from the caller. The channel is closed, the thread's
 * interrupt status is set, and the operation returns what it did, so that it is always known who
 * owns the rights.
 */
final class StreamMessages {
  private StreamMessages() {}

  /**
   * Sends what there is room for, or everything if the operation waits. The caller ends the
   * message.
   *
   * @return the bytes taken; 0 of a message without any, if one with some could be sent
   * @throws SocketTimeoutException if the time was over and nothing was taken
   */
  static long send(StreamChannel channel, OutgoingMessage message, MessageOptions options)
      throws IOException {
    boolean waits = options.waits(channel);
    if (waits) {
      StreamReads.ensureNotInterrupted(channel);
    }
    long count = sendNow(channel, message);
    return waits && message.hasRemaining()
        ? awaitSend(channel, message, count, options.deadline())
        : count;
  }

  private static int sendNow(StreamChannel channel, OutgoingMessage message) throws IOException {
    try {
      return channel.endpoint().send(message);
    } catch (IOException e) {
      if (channel.isOpen()) {
        throw e;
      }
      throw new AsynchronousCloseException(); // the pipe is broken by our own close
    }
  }

  private static long awaitSend(
      StreamChannel channel, OutgoingMessage message, long alreadyTaken, Deadline deadline)
      throws IOException {
    long total = alreadyTaken;
    channel.beginBlocking();
    try {
      while (message.hasRemaining() && channel.isOpen()) {
        long left = deadline.remainingNanos();
        if (left <= 0) {
          throw new SocketTimeoutException("Send timed out");
        }
        channel.endpoint().wakePeerReader();
        channel.writing().await(left);
        if (channel.isOpen()) {
          total += channel.endpoint().send(message);
        }
      }
    } catch (IOException | OutOfMemoryError e) {
      if (total == 0) {
        throw e;
      }
    } finally {
      endWait(channel, total > 0);
    }
    return total;
  }

  /**
   * Receives what is there, or waits for it if the operation waits.
   *
   * @param dst where the bytes go, with room for at least one
   * @return the bytes received, 0 if there are none now, -1 at the end
   * @throws SocketTimeoutException if the time was over
   */
  static int receive(StreamChannel channel, ByteTarget dst, MessageOptions options)
      throws IOException {
    boolean waits = options.waits(channel);
    if (waits) {
      StreamReads.ensureNotInterrupted(channel);
    }
    if (waits && !options.peeks()) {
      StreamReads.giveHeadStart(channel);
    }
    int count = channel.endpoint().receive(dst, options.peeks());
    if (count == 0 && waits) {
      return awaitReceive(channel, dst, options);
    }
    if (count < 0 && !channel.isOpen()) {
      throw new AsynchronousCloseException(); // the end is our own: closed while we looked
    }
    return count;
  }

  private static int awaitReceive(StreamChannel channel, ByteTarget dst, MessageOptions options)
      throws IOException {
    Endpoint endpoint = channel.endpoint();
    Deadline deadline = options.deadline();
    int count = 0;
    channel.beginBlocking();
    try {
      while (count == 0 && channel.isOpen()) {
        long left = deadline.remainingNanos();
        if (left <= 0) {
          throw new SocketTimeoutException("Receive timed out");
        }
        channel.reading().await(left);
        if (channel.isOpen()) {
          count = endpoint.receive(dst, options.peeks());
          if (count == 0) {
            endpoint.releaseInputIfIdle();
          }
        }
      }
    } finally {
      endWait(channel, count > 0);
    }
    return count;
  }

  private static void endWait(StreamChannel channel, boolean completed)
      throws AsynchronousCloseException {
    try {
      channel.endBlocking(completed);
    } catch (ClosedByInterruptException e) {
      if (!completed) {
        throw e;
      }
    }
  }
}
