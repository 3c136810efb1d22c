package io.nioring.internal.core;

import io.nioring.internal.names.ConnectRequest;
import io.nioring.internal.stream.Observer;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;

/**
 * A connect, or the completion of one, that is reported to an observer; used by the connecting
 * thread.
 */
final class ObservedConnect {
  private final Observer observer;
  private final StreamSocket socket;
  private final SocketAddress remote;

  /** What is observed. */
  interface Step {
    /** Whether the socket is connected now; otherwise its connect is pending. */
    boolean run() throws IOException;
  }

  ObservedConnect(Observer observer, StreamSocket socket, SocketAddress remote) {
    this.observer = observer;
    this.socket = socket;
    this.remote = remote;
  }

  /** Runs a connect; if it is still pending afterwards, the attempt is kept in its request. */
  boolean begin(Step connect) throws IOException {
    Object attempt = observer.connecting(remote);
    boolean connected = observed(connect, attempt);
    ConnectRequest pending = socket.request();
    if (!connected && pending != null) {
      pending.attempt(attempt);
    }
    return connected;
  }

  /** Runs the completion of a connect. */
  boolean finish(ConnectRequest pending, Step end) throws IOException {
    return observed(end, pending.attempt());
  }

  private boolean observed(Step step, Object attempt) throws IOException {
    boolean connected;
    try {
      connected = step.run();
    } catch (IOException e) {
      observer.connectEnded(attempt, socket.endpoint(), remote, outcomeOf(e));
      throw e;
    }
    if (connected) {
      Observer.Outcome outcome =
          socket.isOnRing() ? Observer.Outcome.CONNECTED : Observer.Outcome.KERNEL;
      observer.connectEnded(attempt, socket.endpoint(), remote, outcome);
    }
    return connected;
  }

  private static Observer.Outcome outcomeOf(IOException failure) {
    if (failure instanceof SocketTimeoutException) {
      return Observer.Outcome.TIMED_OUT;
    }
    return failure instanceof ClosedChannelException
        ? Observer.Outcome.CLOSED
        : Observer.Outcome.REFUSED;
  }
}
