package io.nioring.internal.net;

import io.nioring.internal.blocking.Facade;
import io.nioring.internal.poll.VirtualThreads;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.AsynchronousCloseException;

/**
 * How one side of a plain socket waits: its reader, its writer, or its acceptor.
 *
 * <p>An interrupt does not end the wait of a platform thread: the interrupt status is cleared, and
 * restored at the end. A virtual thread's operation fails with an {@link InterruptedIOException},
 * for which the JDK closes the socket. An earlier interrupt only affects an operation that has to
 * sleep.
 *
 * <p>Used by one thread at a time, admitted by the lock of its side.
 */
final class PlainWait implements Facade {
  private final PlainSocketImpl socket;

  /** Whether an interrupt was consumed in this wait. */
  private boolean interrupted;

  PlainWait(PlainSocketImpl socket) {
    this.socket = socket;
  }

  @Override
  public boolean isBlocking() {
    return true;
  }

  @Override
  public boolean isOpen() {
    return socket.isOpen();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  @Override
  public void beginWait() {
    // Only the awaited event ends a wait.
  }

  @Override
  public void endWait(boolean completed) throws AsynchronousCloseException {
    if (interrupted) {
      interrupted = false;
      Thread.currentThread().interrupt();
    }
    if (!completed && !isOpen()) {
      throw new AsynchronousCloseException();
    }
  }

  @Override
  public void beginInterrupted() {
    // It may be done without a sleep.
  }

  @Override
  public void interruptedInWait() throws InterruptedIOException {
    if (VirtualThreads.isCurrent()) {
      throw new InterruptedIOException("Closed by interrupt");
    }
    interrupted |= Thread.interrupted();
  }
}
