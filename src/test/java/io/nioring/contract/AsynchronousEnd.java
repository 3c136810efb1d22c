package io.nioring.contract;

import io.nioring.testkit.Background;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * An end of a {@link ThreadedComparisonTest} that is an asynchronous channel. A thread begins one
 * operation after the other and waits for each, by its future or by one that a handler completes.
 */
final class AsynchronousEnd implements ThreadedEnd {
  private final AsynchronousSocketChannel channel;
  private final boolean byHandlers;
  private final ByteStream sent;
  private final ByteStream received;

  AsynchronousEnd(
      AsynchronousSocketChannel channel, boolean byHandlers, ByteStream sent, ByteStream received) {
    this.channel = channel;
    this.byHandlers = byHandlers;
    this.sent = sent;
    this.received = received;
  }

  /** A read or a write of a thread of its own. */
  private static final class Step implements Pending {
    private volatile int count;
    private volatile Future<Integer> pending;
    private Background<String> task;

    @Override
    public Background<String> task() {
      return task;
    }

    @Override
    public int received() {
      return count;
    }

    int await(Future<Integer> begun) throws InterruptedException, ExecutionException {
      pending = begun;
      return begun.get();
    }
  }

  /** A handler that completes a future. */
  private static final class Told extends CompletableFuture<Integer>
      implements CompletionHandler<Integer, Object> {
    @Override
    public void completed(Integer result, Object attachment) {
      complete(result);
    }

    @Override
    public void failed(Throwable failure, Object attachment) {
      completeExceptionally(failure);
    }
  }

  /** What a step does. */
  @FunctionalInterface
  private interface Body {
    String run() throws InterruptedException, ExecutionException;
  }

  private static Pending start(Step step, Body body) {
    step.task =
        Background.run(
            () -> {
              try {
                String outcome = body.run();
                return outcome + ", " + step.count + " bytes";
              } catch (ExecutionException e) {
                return Outcomes.of(e.getCause());
              } catch (CancellationException e) {
                return "cancelled"; // the text depends on the JDK
              } catch (IllegalStateException e) {
                return Outcomes.of(e);
              }
            });
    return step;
  }

  @Override
  public Pending read(int bytes, int timeoutMillis) {
    Step step = new Step();
    return start(step, () -> readAll(step, bytes, timeoutMillis));
  }

  private String readAll(Step step, int bytes, int timeoutMillis)
      throws InterruptedException, ExecutionException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining()) {
      int count = step.await(beginRead(buffer, timeoutMillis));
      if (count < 0) {
        return "end after " + buffer.position();
      }
      received.check(buffer.array(), step.count, count);
      step.count = buffer.position();
    }
    return "all";
  }

  private Future<Integer> beginRead(ByteBuffer buffer, int timeoutMillis) {
    if (!byHandlers && timeoutMillis == 0) {
      return channel.read(buffer);
    }
    Told told = new Told();
    channel.read(buffer, timeoutMillis, TimeUnit.MILLISECONDS, null, told);
    return told;
  }

  @Override
  public Pending write(int bytes) {
    Step step = new Step();
    ByteBuffer buffer = ByteBuffer.wrap(sent.next(bytes));
    return start(step, () -> writeAll(step, buffer));
  }

  private String writeAll(Step step, ByteBuffer buffer)
      throws InterruptedException, ExecutionException {
    try {
      while (buffer.hasRemaining()) {
        step.await(beginWrite(buffer));
      }
      return "all";
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ClosedChannelException) {
        return "closed"; // in one of its writes, or between two: nobody knows how much is taken
      }
      throw e;
    }
  }

  private Future<Integer> beginWrite(ByteBuffer buffer) {
    if (!byHandlers) {
      return channel.write(buffer);
    }
    Told told = new Told();
    channel.write(buffer, null, told);
    return told;
  }

  @Override
  public String sleepsIn(boolean reading) {
    return "get";
  }

  /** Cancels the operation; one that a handler is told of cannot be, and its channel is closed. */
  @Override
  public void disturb(Pending operation) {
    if (byHandlers) {
      closed();
    } else {
      ((Step) operation).pending.cancel(false);
    }
  }

  @Override
  public String shutdownInput() {
    return Outcomes.of(channel::shutdownInput);
  }

  @Override
  public String shutdownOutput() {
    return Outcomes.of(channel::shutdownOutput);
  }

  /** As a close: these channels have no {@code SO_LINGER}. */
  @Override
  public String reset() {
    return closed();
  }

  @Override
  public String closed() {
    return Outcomes.of(channel::close);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
