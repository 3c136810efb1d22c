package io.nioring.internal.adaptor;

import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;

/**
 * Turns what channels throw into what {@code java.net} sockets throw, as the platform's adaptors
 * do.
 */
final class AdaptorExceptions {
  private AdaptorExceptions() {}

  /** An operation on a channel. */
  interface Operation<T> {
    T run() throws IOException;
  }

  /** Refuses to use a stream of a channel that is closed, or else does not block. */
  static void ensureBlocking(SelectableChannel channel) throws ClosedChannelException {
    if (!channel.isOpen()) {
      throw new ClosedChannelException();
    }
    if (!channel.isBlocking()) {
      throw new IllegalBlockingModeException();
    }
  }

  /** Runs an operation whose caller expects any {@link IOException}. */
  static <T> T translating(Operation<T> operation) throws IOException {
    try {
      return operation.run();
    } catch (RuntimeException e) {
      throw translated(e);
    }
  }

  /** Runs an operation whose caller expects a {@link SocketException} only. */
  static <T> T asSocketException(Operation<T> operation) throws SocketException {
    try {
      return operation.run();
    } catch (SocketException e) {
      throw e;
    } catch (ClosedChannelException e) {
      throw caused("Socket is closed", e);
    } catch (IOException e) {
      throw caused(e.getMessage(), e);
    } catch (RuntimeException e) {
      throw translated(e);
    }
  }

  /** The translated exception for a misuse; throws the original one if there is no translation. */
  private static SocketException translated(RuntimeException e) {
    if (e instanceof NotYetConnectedException) {
      return caused("Socket is not connected", e);
    } else if (e instanceof AlreadyConnectedException) {
      return caused("Already connected", e);
    } else if (e instanceof AlreadyBoundException) {
      return caused("Already bound", e);
    } else if (e instanceof NotYetBoundException) {
      return caused("Socket is not bound yet", e);
    } else if (e instanceof UnsupportedAddressTypeException) {
      return caused("Unsupported address type", e);
    } else if (e instanceof UnresolvedAddressException) {
      return caused("Unresolved address", e);
    }
    throw e;
  }

  /** A failure of a socket that one of its channel has led to. */
  static SocketException caused(String message, Exception cause) {
    SocketException exception = new SocketException(message);
    exception.initCause(cause);
    return exception;
  }
}
