package io.nioring.internal.core;

import io.nioring.internal.blocking.Facade;
import io.nioring.internal.names.BindGate;
import io.nioring.internal.names.ConnectRequest;
import io.nioring.internal.names.Listener;
import io.nioring.internal.names.Namespace;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.Verdict;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.stream.Observer;
import io.nioring.internal.time.Deadline;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;

/**
 * Connecting a socket: asks for the network's verdict, follows it, and waits for completion.
 *
 * <p>Stateless: the progress of a connect is in the socket's state and in its request. A connect
 * and its completion each take the endpoint's read lock, then its write lock, so that no other
 * operation is inside. After a failure the caller closes the socket.
 */
final class StreamConnects {
  /** The progress of a connect. */
  private enum Outcome {
    /** Connected over a ring. */
    CONNECTED,
    /** Undecided, or decided and waiting for the caller to finish it. */
    PENDING,
    /** The address is outside this JVM: the kernel is asked. */
    KERNEL
  }

  private StreamConnects() {}

  /**
   * Begins a connect, over a ring or else in the kernel, and waits for its completion if the facade
   * is blocking. The kernel is asked with the locks held: otherwise a thread that finishes the
   * connect meanwhile could find it in neither place.
   *
   * @return whether the socket is connected
   * @throws SocketTimeoutException if the deadline passed
   */
  static boolean connect(
      StreamSocket socket, Facade facade, SocketAddress remote, Deadline deadline)
      throws IOException {
    Observer observer = socket.network.wire().observer();
    return observer == null
        ? implConnect(socket, facade, remote, deadline)
        : new ObservedConnect(observer, socket, remote)
            .begin(() -> implConnect(socket, facade, remote, deadline));
  }

  private static boolean implConnect(
      StreamSocket socket, Facade facade, SocketAddress remote, Deadline deadline)
      throws IOException {
    boolean connected;
    socket.endpoint().lockRead(socket.network.clock());
    try {
      socket.endpoint().lockWrite(socket.network.clock());
      try {
        socket.ensureOpen(); // before the wait: closed already is not closed asynchronously
        Outcome outcome = overRing(socket, facade, remote, deadline, true);
        connected =
            outcome == Outcome.KERNEL
                ? inKernel(socket, facade, remote, deadline)
                : outcome == Outcome.CONNECTED;
      } finally {
        socket.endpoint().unlockWrite();
      }
    } finally {
      socket.endpoint().unlockRead();
    }
    wakeWaiters(socket);
    return connected;
  }

  /**
   * Wakes the keys: another thread may have found the connect undecided, or the socket not
   * connected, and may have gone to sleep since.
   */
  private static void wakeWaiters(StreamSocket socket) {
    VarHandle.fullFence(); // the new state before the waiters, see PollSet
    socket.poll().wake(Readiness.ALL);
  }

  /**
   * Follows the network's verdict as far as it concerns rings.
   *
   * @param begins whether the connect has not begun yet
   */
  private static Outcome overRing(
      StreamSocket socket, Facade facade, SocketAddress remote, Deadline deadline, boolean begins)
      throws IOException {
    boolean waits = facade.isBlocking();
    if (waits && Thread.currentThread().isInterrupted()) {
      facade.beginInterrupted();
    }
    SocketAddress target = AddressFamily.toConnect(remote);
    SocketAddress bound = begins ? socket.beginConnect(target) : socket.boundAddress();
    Verdict verdict = socket.network.verdicts().onConnect(bound, remote);
    Outcome outcome = follow(verdict, socket, bound, target, waits);
    if (outcome == Outcome.KERNEL) {
      return outcome;
    }
    if (waits) {
      awaitDecisionOfNew(socket, facade, deadline);
    } else if (!socket.family.isUnix()) {
      return Outcome.PENDING; // to be finished by finishConnect, as with TCP
    }
    if (finishIfDecided(socket)) {
      return Outcome.CONNECTED;
    }
    if (waits) {
      throw new AsynchronousCloseException();
    }
    return Outcome.PENDING;
  }

  /** Waits for the decision on a connect that has just begun; usually it is there already. */
  private static void awaitDecisionOfNew(StreamSocket socket, Facade facade, Deadline deadline)
      throws IOException {
    ConnectRequest request = socket.request();
    if (request.state() != ConnectRequest.State.WAITING) {
      return;
    }
    facade.beginWait();
    try {
      awaitDecision(socket, facade, deadline);
    } finally {
      facade.endWait(request.state() != ConnectRequest.State.WAITING);
    }
  }

  /** Returns {@code PENDING} once the socket has a request, decided or not; or {@code KERNEL}. */
  private static Outcome follow(
      Verdict verdict,
      StreamSocket socket,
      SocketAddress bound,
      SocketAddress target,
      boolean waits)
      throws IOException {
    if (verdict == Verdict.KERNEL) {
      return Outcome.KERNEL;
    }
    if (verdict instanceof Verdict.Ring ring) {
      return offer(socket, request(socket, bound, target), ring, waits);
    } else if (verdict == Verdict.ITSELF) {
      ConnectRequest joined = request(socket, bound, target);
      socket.requested(joined, null);
      joined.joinToItself(socket.network.wire());
      socket.network.counters().ringConnected();
    } else if (verdict instanceof Verdict.Refuse refuse) {
      ConnectRequest refused =
          ConnectRequest.refused(socket.endpoint(), bound, target, refuse.reason());
      socket.requested(refused, null);
      tellRefused(socket, refused);
    } else if (verdict instanceof Verdict.Pend pend) {
      ConnectRequest pending = request(socket, bound, target);
      socket.requested(pending, null);
      pend.decider().accept(pending);
      cancelIfClosed(socket);
    }
    return Outcome.PENDING;
  }

  private static Outcome offer(
      StreamSocket socket, ConnectRequest request, Verdict.Ring ring, boolean waits)
      throws SocketException {
    Listener listener = ring.listener();
    boolean mayWait = waits || !socket.family.isUnix();
    socket.requested(request, listener);
    ConnectRequest.State decided = listener.offer(request, mayWait);
    cancelIfClosed(socket);
    if (decided == ConnectRequest.State.WAITING && !mayWait) {
      throw new SocketException("Resource temporarily unavailable");
    }
    if (decided == ConnectRequest.State.REFUSED) {
      if (ring.elseKernel()) {
        return Outcome.KERNEL;
      }
      tellRefused(socket, request);
    }
    return Outcome.PENDING;
  }

  /** A concurrent close may not have seen the request. */
  private static void cancelIfClosed(StreamSocket socket) {
    if (!socket.isOpen()) {
      socket.cancelRequest();
    }
  }

  private static void tellRefused(StreamSocket socket, ConnectRequest request) {
    socket
        .network
        .wire()
        .tellRefused(request.clientAddress(), request.serverAddress(), request.refusal());
  }

  private static ConnectRequest request(
      StreamSocket socket, SocketAddress bound, SocketAddress target) throws SocketException {
    OptionValues options = socket.options();
    return new ConnectRequest(
        socket.endpoint(),
        clientName(socket, bound, target),
        target,
        socket.network.sizeWish(options.sendBytes()),
        socket.network.sizeWish(options.receiveBytes()));
  }

  /** The client address that the server sees. */
  private static SocketAddress clientName(
      StreamSocket socket, SocketAddress bound, SocketAddress target) throws SocketException {
    if (target instanceof InetSocketAddress ip) {
      return clientAddress(socket, bound, ip);
    }
    return bound == null ? Binder.UNNAMED : bound;
  }

  /** The IP address of a client: the bound one, completed, or a chosen one. */
  private static SocketAddress clientAddress(
      StreamSocket socket, SocketAddress bound, InetSocketAddress target) throws SocketException {
    Namespace names = socket.network.names();
    if (bound != null) {
      return names.connect(socket.binding(), target);
    }
    SocketAddress chosen = names.takeClientAddress(target.getAddress());
    socket.tookEphemeral(chosen);
    return chosen;
  }

  /**
   * Connects in the kernel, since no listener was found here, unless a server was bound meanwhile;
   * see {@link io.nioring.internal.network.Verdicts#pass}. No thread waits in the kernel with a
   * pass.
   */
  private static boolean inKernel(
      StreamSocket socket, Facade facade, SocketAddress remote, Deadline deadline)
      throws IOException {
    BindGate.Pass pass = socket.network.verdicts().pass(remote, facade.isBlocking());
    if (pass != null) {
      KernelWay begun = null;
      try {
        if (isForKernel(socket, remote)) {
          KernelWay decided = socket.decideKernel();
          if (decided.isBlocking() && beginsToWait(decided, facade, remote)) {
            begun = decided;
          } else {
            if (decided.connectWaits()) {
              pass.waitsInKernel();
            }
            return decided.connect(facade, remote, deadline);
          }
        }
      } finally {
        pass.giveBack();
      }
      if (begun != null) {
        return awaitInKernel(socket, begun, facade, remote, deadline);
      }
      Outcome outcome = overRing(socket, facade, remote, deadline, false);
      if (outcome != Outcome.KERNEL) {
        return outcome == Outcome.CONNECTED;
      }
    }
    return socket.decideKernel().connect(facade, remote, deadline);
  }

  /**
   * Takes a blocking connect as far as is possible without waiting: to a listener, with IP
   * addresses, or to an existing socket file: a server that is bound to the path later has a
   * different file.
   *
   * @return false if the kernel refuses it without a wait, since there is no such file
   */
  private static boolean beginsToWait(KernelWay decided, Facade facade, SocketAddress remote)
      throws IOException {
    if (remote instanceof UnixDomainSocketAddress path) {
      return Files.exists(path.getPath());
    }
    decided.beginConnect(facade, remote);
    return true;
  }

  /** Waits for the completion of a blocking connect in the kernel, without a pass. */
  private static boolean awaitInKernel(
      StreamSocket socket, KernelWay begun, Facade facade, SocketAddress remote, Deadline deadline)
      throws IOException {
    if (remote instanceof UnixDomainSocketAddress) {
      return begun.connect(facade, remote, deadline);
    }
    if (Thread.currentThread().isInterrupted()) { // does not wait if it is connected already
      facade.beginInterrupted();
    }
    try {
      if (deadline != Deadline.NONE) {
        begun.awaitConnected(facade, deadline);
      }
      socket.followBlockingMode(begun);
      return begun.finishConnect(facade);
    } catch (AsynchronousCloseException e) {
      throw e;
    } catch (ClosedChannelException e) {
      throw new AsynchronousCloseException(); // closed between two steps of one operation
    }
  }

  private static boolean isForKernel(StreamSocket socket, SocketAddress remote)
      throws SocketException {
    return socket.network.verdicts().onConnect(socket.boundAddress(), remote) == Verdict.KERNEL;
  }

  /**
   * Completes a pending connect, or waits for its completion if the facade is blocking.
   *
   * @return whether the socket is connected over a ring; false if it goes through the kernel
   */
  static boolean finish(StreamSocket socket, Facade facade) throws IOException {
    Observer observer = socket.network.wire().observer();
    ConnectRequest pending = socket.request();
    return (observer == null || pending == null)
        ? tryFinish(socket, facade)
        : new ObservedConnect(observer, socket, pending.serverAddress())
            .finish(pending, () -> tryFinish(socket, facade));
  }

  private static boolean tryFinish(StreamSocket socket, Facade facade) throws IOException {
    boolean connected;
    socket.endpoint().lockRead(socket.network.clock());
    try {
      socket.endpoint().lockWrite(socket.network.clock());
      try {
        if (socket.state == SocketState.State.CONNECTED) {
          return true;
        }
        if (!socket.isOnRing()) {
          return false;
        }
        connected = implFinish(socket, facade);
      } finally {
        socket.endpoint().unlockWrite();
      }
    } finally {
      socket.endpoint().unlockRead();
    }
    if (connected) {
      wakeWaiters(socket);
    }
    return connected;
  }

  private static boolean implFinish(StreamSocket socket, Facade facade) throws IOException {
    socket.ensureOpen(); // as in connect
    boolean waits = facade.isBlocking();
    boolean connected = false;
    if (waits) {
      facade.beginWait();
    }
    try {
      socket.ensurePending();
      if (socket.request() == null) {
        throw new AsynchronousCloseException(); // failed, about to be closed
      }
      if (waits) {
        awaitDecision(socket, facade, Deadline.NONE);
      }
      connected = finishIfDecided(socket);
      if (connected && socket.endpoint().takeReset()) {
        throw new SocketException("Connection reset by peer");
      }
    } finally {
      if (waits) {
        facade.endWait(connected);
      }
    }
    return connected;
  }

  private static void awaitDecision(StreamSocket socket, Facade facade, Deadline deadline)
      throws IOException {
    while (socket.isOpen() && socket.request().state() == ConnectRequest.State.WAITING) {
      long left = deadline.remainingNanos();
      if (left <= 0) {
        throw new SocketTimeoutException("Connect timed out");
      }
      socket.writing().await(facade, left);
    }
  }

  /** Whoever has decided it may have been another thread, whose frames say nothing to this one. */
  private static IOException thrownHere(IOException refusal) {
    refusal.fillInStackTrace();
    return refusal;
  }

  /** Completes a pending connect that has been decided; returns false if it has not been. */
  private static boolean finishIfDecided(StreamSocket socket) throws IOException {
    ConnectRequest request = socket.request();
    ConnectRequest.State decided = request.state(); // no switch: see SocketState.readinessOf
    if (decided == ConnectRequest.State.REFUSED) {
      throw thrownHere(request.refusal());
    } else if (decided == ConnectRequest.State.CANCELLED) {
      throw new AsynchronousCloseException();
    }
    return decided == ConnectRequest.State.CONNECTED && socket.markConnected();
  }
}
