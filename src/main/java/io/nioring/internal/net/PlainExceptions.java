package io.nioring.internal.net;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.NotYetConnectedException;

/** Turns what the core throws into what the platform's plain sockets throw. */
final class PlainExceptions {
  private PlainExceptions() {}

  static SocketException closed() {
    return new SocketException("Socket closed");
  }

  /** For a failure of any operation: programs expect a {@link SocketException}. */
  static IOException of(Exception failure) {
    if (failure instanceof SocketException
        || failure instanceof InterruptedIOException // time-outs too
        || failure instanceof UnknownHostException) {
      return (IOException) failure;
    }
    return asSocketException(failure);
  }

  /**
   * With the trace of the failure in place of it as a cause, as the platform's, which tell of no
   * channel either.
   */
  static SocketException asSocketException(Exception failure) {
    if (failure instanceof SocketException exception) {
      return exception;
    }
    SocketException exception = new SocketException(message(failure));
    exception.setStackTrace(failure.getStackTrace());
    Throwable cause = isExpected(failure) ? failure.getCause() : failure;
    if (cause != null) {
      exception.initCause(cause);
    }
    for (Throwable suppressed : failure.getSuppressed()) {
      exception.addSuppressed(suppressed);
    }
    return exception;
  }

  private static boolean isExpected(Exception failure) {
    return failure instanceof IOException || failure instanceof IllegalStateException;
  }

  private static String message(Exception failure) {
    if (failure instanceof ClosedChannelException) {
      return "Socket closed";
    } else if (failure instanceof NotYetConnectedException) {
      return "Not connected";
    } else if (failure instanceof AlreadyConnectedException) {
      return "Already connected";
    } else if (failure instanceof ConnectionPendingException) {
      return "Connection in progress";
    } else if (failure instanceof AlreadyBoundException) {
      return "Already bound";
    } else if (failure instanceof NotYetBoundException) {
      return "Not bound";
    }
    return failure.getMessage();
  }
}
