package io.nioring.contract;

import io.nioring.testkit.Background;
import io.nioring.testkit.ThreadKind;
import java.io.IOException;
import java.net.Socket;

/** An end of a {@link ThreadedComparisonTest} that is a plain socket. */
final class PlainEnd implements ThreadedEnd {
  private final Socket socket;
  private final ThreadKind threads;
  private final ByteStream sent;
  private final ByteStream received;

  PlainEnd(Socket socket, ThreadKind threads, ByteStream sent, ByteStream received) {
    this.socket = socket;
    this.threads = threads;
    this.sent = sent;
    this.received = received;
  }

  /** A read or a write on a thread of its own. */
  private static final class Step implements Pending {
    private volatile int count;
    private Background<String> task;

    @Override
    public Background<String> task() {
      return task;
    }

    @Override
    public int received() {
      return count;
    }

    String end(Exception failure) {
      return "%d bytes%s%s"
          .formatted(
              count,
              failure == null ? "" : ", " + Outcomes.of(failure),
              Thread.interrupted() ? ", interrupted" : "");
    }
  }

  @Override
  public Pending read(int bytes, int timeoutMillis) {
    Step step = new Step();
    step.task = Background.run(threads, () -> readAll(step, bytes, timeoutMillis));
    return step;
  }

  private String readAll(Step step, int bytes, int timeoutMillis) {
    byte[] buffer = new byte[bytes];
    try {
      socket.setSoTimeout(timeoutMillis);
      int total = 0;
      while (total < bytes) {
        int count = socket.getInputStream().read(buffer, total, bytes - total);
        if (count < 0) {
          return step.end(null) + ", end";
        }
        received.check(buffer, total, count);
        total += count;
        step.count = total;
      }
      return step.end(null);
    } catch (IOException e) {
      return step.end(e);
    }
  }

  @Override
  public Pending write(int bytes) {
    Step step = new Step();
    byte[] data = sent.next(bytes);
    step.task =
        Background.run(
            threads,
            () -> {
              try {
                socket.getOutputStream().write(data);
                step.count = bytes;
                return step.end(null);
              } catch (IOException e) {
                return step.end(e);
              }
            });
    return step;
  }

  @Override
  public String sleepsIn(boolean reading) {
    return reading ? "read" : "write";
  }

  @Override
  public void disturb(Pending operation) {
    operation.task().thread().interrupt();
  }

  @Override
  public String shutdownInput() {
    return Outcomes.of(socket::shutdownInput);
  }

  @Override
  public String shutdownOutput() {
    return Outcomes.of(socket::shutdownOutput);
  }

  @Override
  public String reset() {
    return Outcomes.of(
        () -> {
          socket.setSoLinger(true, 0);
          socket.close();
        });
  }

  @Override
  public String closed() {
    return Outcomes.of(socket::close);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
