package io.nioring.internal.channel;

import io.nioring.internal.names.BindGate;
import io.nioring.internal.names.ConnectRequest;
import io.nioring.internal.names.Listener;
import io.nioring.internal.names.Namespace;
import io.nioring.internal.poll.Readiness;
import io.nioring.route.Mode;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;

/**
 * Connecting a socket over rings: an address is looked up, a request offered to who listens there,
 * and its decision awaited.
 *
 * <p>Holds nothing: how far a connect is tell the socket's state and the request that its resources
 * keep meanwhile. A connect and its end each take the endpoint's read lock, then its write lock, so
 * that no other operation is inside. A failure leaves it to the caller to close the channel.
 */
final class RingConnects {
  /** How a connect went on. */
  private enum Way {
    /** Connected over rings. */
    CONNECTED,
    /** Waits for the listener, or for the caller to finish it. */
    PENDING,
    /** Nobody in this JVM is meant: the kernel is asked. */
    KERNEL
  }

  private RingConnects() {}

  /**
   * Begins a connect, over a ring or else in the kernel, and waits for its end if the channel is
   * blocking. The kernel is asked with the locks held: a thread that finishes the connect meanwhile
   * must not find it neither here nor there.
   *
   * @return whether the channel is connected
   * @throws SocketTimeoutException if the deadline passed
   */
  static boolean connect(RingStreamSocket socket, SocketAddress remote, Deadline deadline)
      throws IOException {
    boolean connected;
    socket.endpoint().lockRead();
    try {
      socket.endpoint().lockWrite();
      try {
        socket.ensureOpen(); // before begin: closed already is not closed asynchronously
        Mode mode = socket.network.modeFor(remote);
        Way way = implConnect(socket, remote, mode, deadline, true);
        connected =
            way == Way.KERNEL
                ? connectInKernel(socket, remote, mode, deadline)
                : way == Way.CONNECTED;
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
   * Lets keys look again: another thread may have found the connect undecided, or the channel not
   * connected, and sleep since.
   */
  private static void wakeWaiters(RingStreamSocket socket) {
    VarHandle.fullFence(); // the new state before the waiters, see PollSet
    socket.poll().wake(Readiness.ALL);
  }

  private static Way implConnect(
      RingStreamSocket socket, SocketAddress remote, Mode mode, Deadline deadline, boolean begins)
      throws IOException {
    boolean blocking = socket.isBlocking();
    Way way = Way.PENDING;
    if (blocking) {
      socket.beginBlocking();
    }
    try {
      if (begins) {
        socket.beginConnect(target(remote));
      }
      if (!offer(socket, remote, mode, blocking)) {
        way = Way.KERNEL;
      } else {
        if (blocking) {
          awaitDecision(socket, deadline);
        }
        // A non-blocking connect to an IP address is finished by finishConnect, as with TCP.
        way =
            (blocking || socket.family.isUnix()) && finishIfDecided(socket)
                ? Way.CONNECTED
                : Way.PENDING;
      }
    } finally {
      if (blocking) {
        socket.endBlocking(way != Way.PENDING);
      }
    }
    return way;
  }

  /**
   * Connects in the kernel, since nobody here was found: unless a server was bound meanwhile, which
   * the kernel could know by now; see {@link BindGate}. Only a connect to another machine needs no
   * pass, and nobody waits in the kernel with one.
   */
  private static boolean connectInKernel(
      RingStreamSocket socket, SocketAddress remote, Mode mode, Deadline deadline)
      throws IOException {
    if (mode == Mode.HYBRID && !waitsForAnotherMachine(socket, remote)) {
      BindGate.Pass pass = socket.network.names().toConnect(target(remote));
      boolean waits = false;
      try {
        if (lookup(socket.network, target(remote), mode) == null) {
          KernelSocket decided = socket.decideKernel();
          waits = decided.channel().isBlocking() && beginsToWait(socket, decided, remote);
          if (!waits) {
            return decided.connect(socket, remote, deadline);
          }
        }
      } finally {
        pass.giveBack();
      }
      if (waits) {
        return awaitInKernel(socket, remote, deadline);
      }
      Way way = implConnect(socket, remote, mode, deadline, false);
      if (way != Way.KERNEL) {
        return way == Way.CONNECTED;
      }
    }
    return socket.decideKernel().connect(socket, remote, deadline);
  }

  /**
   * Brings a blocking connect as far as it goes without waiting: to a listener, with IP addresses,
   * or to a socket file, which is another one if a server is bound to the path from now on.
   *
   * @return false if the kernel will not let it wait, since there is no such file
   */
  private static boolean beginsToWait(
      RingStreamSocket socket, KernelSocket decided, SocketAddress remote) throws IOException {
    if (remote instanceof UnixDomainSocketAddress path) {
      return Files.exists(path.getPath());
    }
    decided.beginConnect(socket, remote);
    return true;
  }

  /** Waits for the end of a blocking connect in the kernel. */
  private static boolean awaitInKernel(
      RingStreamSocket socket, SocketAddress remote, Deadline deadline) throws IOException {
    KernelSocket decided = socket.kernel;
    if (remote instanceof UnixDomainSocketAddress) {
      return decided.connect(socket, remote, deadline);
    }
    try {
      if (deadline != Deadline.NONE) {
        decided.awaitConnected(socket, deadline);
      }
      socket.followBlockingMode();
      return decided.finishConnect(socket);
    } catch (AsynchronousCloseException e) {
      throw e;
    } catch (ClosedChannelException e) {
      throw new AsynchronousCloseException(); // closed between two steps of one operation
    }
  }

  private static boolean waitsForAnotherMachine(RingStreamSocket socket, SocketAddress remote) {
    return socket.isBlocking()
        && remote instanceof InetSocketAddress ip
        && !socket.network.names().isLocal(AddressFamily.toConnect(ip).getAddress());
  }

  /**
   * Ends a connect that is pending, or waits for that if the channel is blocking.
   *
   * @return whether the channel is connected over a ring; false if the kernel is its way
   */
  static boolean finish(RingStreamSocket socket) throws IOException {
    boolean connected;
    socket.endpoint().lockRead();
    try {
      socket.endpoint().lockWrite();
      try {
        if (socket.state == RingStreamSocket.State.CONNECTED) {
          return true;
        }
        if (socket.kernel != null) {
          return false;
        }
        connected = implFinish(socket);
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

  private static boolean implFinish(RingStreamSocket socket) throws IOException {
    socket.ensureOpen(); // as in connect
    boolean blocking = socket.isBlocking();
    boolean connected = false;
    if (blocking) {
      socket.beginBlocking();
    }
    try {
      socket.ensurePending();
      if (socket.resources.request() == null) {
        throw new AsynchronousCloseException(); // the connect failed, and is about to close
      }
      if (blocking) {
        awaitDecision(socket, Deadline.NONE);
      }
      connected = finishIfDecided(socket);
    } finally {
      if (blocking) {
        socket.endBlocking(connected);
      }
    }
    return connected;
  }

  private static void awaitDecision(RingStreamSocket socket, Deadline deadline)
      throws SocketTimeoutException {
    while (socket.isOpen() && socket.resources.request().state() == ConnectRequest.State.WAITING) {
      long left = deadline.remainingNanos();
      if (left <= 0) {
        throw new SocketTimeoutException("Connect timed out");
      }
      socket.writing().await(left);
    }
  }

  /** Ends a pending connect that has been decided; false if it has not. */
  private static boolean finishIfDecided(RingStreamSocket socket) throws IOException {
    return switch (socket.resources.request().state()) {
      case WAITING -> false;
      case CONNECTED -> socket.markConnected();
      case REFUSED -> throw new ConnectException("Connection refused");
      case CANCELLED -> throw new AsynchronousCloseException();
    };
  }

  // -- the offer

  /** Connects to the socket's own address, or is refused. */
  private static ConnectRequest.State offerToNobody(RingStreamSocket socket, SocketAddress remote)
      throws SocketException {
    NetworkResources network = socket.network;
    boolean toItself =
        remote instanceof InetSocketAddress ip
            && socket.implLocalAddress() != null
            && ip.equals(clientAddress(socket, ip));
    ConnectRequest decided =
        toItself
            ? ConnectRequest.toItself(
                socket.endpoint(), remote, network.memory(), network.bufferBytes())
            : ConnectRequest.refused(socket.endpoint(), remote);
    if (toItself) {
      network.counters().ringConnected();
    }
    socket.resources.requested(decided, null);
    return decided.state();
  }

  /**
   * Looks the address up and offers a request to who listens there.
   *
   * @return false if the kernel is to be asked instead
   */
  private static boolean offer(
      RingStreamSocket socket, SocketAddress remote, Mode mode, boolean blocking)
      throws IOException {
    if (mode == Mode.KERNEL) {
      return false;
    }
    boolean mayWait = blocking || !socket.family.isUnix();
    SocketAddress target = target(remote);
    ensureReachable(socket.implLocalAddress(), target);
    Listener listener = lookup(socket.network, target, mode);
    ConnectRequest.State decided = offerTo(socket, listener, target, mode, mayWait);
    if (decided == ConnectRequest.State.WAITING && !mayWait) {
      throw new SocketException("Resource temporarily unavailable");
    }
    return decided != ConnectRequest.State.REFUSED || mode == Mode.RING;
  }

  /**
   * An IP address of one family reaches none of the other.
   *
   * @throws SocketException as the kernel says it of a dual-stack socket
   */
  private static void ensureReachable(SocketAddress bound, SocketAddress target)
      throws SocketException {
    if (bound instanceof InetSocketAddress from
        && target instanceof InetSocketAddress to
        && !from.getAddress().isAnyLocalAddress()
        && from.getAddress().getClass() != to.getAddress().getClass()) {
      throw new SocketException(
          to.getAddress() instanceof Inet4Address
              ? "Network is unreachable"
              : "Address family not supported by protocol");
    }
  }

  /** Where a connect to an address ends: a wildcard of IP means loopback. */
  private static SocketAddress target(SocketAddress remote) {
    return remote instanceof InetSocketAddress ip ? AddressFamily.toConnect(ip) : remote;
  }

  /** Who listens at an address in this JVM; null if nobody does. */
  private static Listener lookup(NetworkResources network, SocketAddress target, Mode mode)
      throws SocketException {
    return network.names().lookup(target, mode == Mode.HYBRID);
  }

  /** The name that the server sees. */
  private static SocketAddress clientName(RingStreamSocket socket, SocketAddress remote)
      throws SocketException {
    if (remote instanceof InetSocketAddress ip) {
      return clientAddress(socket, ip);
    }
    SocketAddress bound = socket.implLocalAddress();
    return bound == null ? Binder.UNNAMED : bound;
  }

  /** The IP address of a client: the bound one, completed, or one that is chosen. */
  private static InetSocketAddress clientAddress(RingStreamSocket socket, InetSocketAddress remote)
      throws SocketException {
    Namespace names = socket.network.names();
    if (socket.implLocalAddress() != null) {
      return names.connect(socket.resources.binding(), remote);
    }
    InetSocketAddress chosen = names.takeClientAddress(remote.getAddress());
    socket.resources.tookEphemeral(chosen);
    return chosen;
  }

  private static ConnectRequest.State offerTo(
      RingStreamSocket socket, Listener listener, SocketAddress remote, Mode mode, boolean mayWait)
      throws SocketException {
    if (listener == null) {
      // Outside of ring mode it is not refused yet, nor connected: nobody shall see it as that.
      return mode == Mode.RING ? offerToNobody(socket, remote) : ConnectRequest.State.REFUSED;
    }
    ConnectRequest request =
        new ConnectRequest(
            socket.endpoint(),
            clientName(socket, remote),
            remote,
            socket.options.getInt(StandardSocketOptions.SO_SNDBUF),
            socket.options.getInt(StandardSocketOptions.SO_RCVBUF));
    socket.resources.requested(request, listener);
    ConnectRequest.State decided = listener.offer(request, mayWait);
    if (!socket.isOpen()) {
      listener.cancel(request); // the close that we raced with may not have seen it
    }
    return decided;
  }
}
