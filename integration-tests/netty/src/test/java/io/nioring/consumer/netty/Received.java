package io.nioring.consumer.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32C;

/** Counts and checks what a client receives. */
final class Received extends SimpleChannelInboundHandler<ByteBuf> {
  private static final long DEADLINE_SECONDS = 60;

  private final CRC32C checksum = new CRC32C();
  private long count;
  private boolean ended;
  private Throwable failure;

  @Override
  protected synchronized void channelRead0(ChannelHandlerContext context, ByteBuf bytes) {
    count += bytes.readableBytes();
    checksum.update(bytes.nioBuffer());
    notifyAll();
  }

  @Override
  public synchronized void channelInactive(ChannelHandlerContext context) {
    ended = true;
    notifyAll();
  }

  @Override
  public synchronized void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    failure = cause;
    notifyAll();
  }

  synchronized long count() {
    return count;
  }

  synchronized long checksum() {
    return checksum.getValue();
  }

  /** Waits until so many bytes have come. */
  void await(long bytes) throws Exception {
    await(() -> count >= bytes);
  }

  /** Waits until the connection has ended. */
  void awaitEnd() throws Exception {
    await(() -> ended);
  }

  private synchronized void await(BooleanSupplier condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (!condition.getAsBoolean()) {
      if (failure != null) {
        throw new AssertionError("connection failed", failure);
      }
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        throw new TimeoutException(count + " bytes came, ended: " + ended);
      }
      wait(left);
    }
  }
}
