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
        || failure instanceof InterruptedIOException // timeouts too
        || failure instanceof UnknownHostException) {
      return (IOException) failure;
    }
    return asSocketException(failure);
  }

  static SocketException asSocketException(Exception failure) {
    if (failure instanceof SocketException exception) {
      return exception;
    } else if (failure instanceof ClosedChannelException) {
      return caused("Socket closed", failure);
    } else if (failure instanceof NotYetConnectedException) {
      return caused("Not connected", failure);
    } else if (failure instanceof AlreadyConnectedException) {
      return caused("Already connected", failure);
    } else if (failure instanceof ConnectionPendingException) {
      return caused("Connection in progress", failure);
    } else if (failure instanceof AlreadyBoundException) {
      return caused("Already bound", failure);
    } else if (failure instanceof NotYetBoundException) {
      return caused("Not bound", failure);
    }
    return caused(failure.getMessage(), failure);
  }

  private static SocketException caused(String message, Exception cause) {
    SocketException exception = new SocketException(message);
    exception.initCause(cause);
    return exception;
  }
}
