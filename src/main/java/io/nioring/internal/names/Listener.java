package io.nioring.internal.names;

import io.nioring.internal.address.IpAddresses;
import io.nioring.internal.poll.Failures;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.stream.Closing;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.HeldChannels;
import io.nioring.internal.stream.Observer;
import io.nioring.internal.stream.RightsInFlight;
import io.nioring.internal.stream.Wire;
import io.nioring.internal.time.TurnLock;
import io.nioring.socket.PeerCredentials;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedList;

/**
 * A listening socket without its facade: a bounded queue of connections that wait to be accepted,
 * and the requests that wait for room in it.
 *
 * <p>As in the kernel, a connect completes when it enters the queue, before anybody accepts it, and
 * the queue holds one more than the backlog. Thread-safe; the lock is held for a few steps only,
 * and nobody is woken under it.
 */
public class Listener {
  private final Wire wire;
  private final PeerCredentials identity;
  private final Runnable admitted;
  private final PollSet poll = new PollSet();

  /**
   * Guards the queues and every request's decision. No other lock is taken under it, but the
   * monitor of {@link HeldChannels}.
   */
  private final TurnLock lock = new TurnLock();

  /** A linked list: an {@link java.util.ArrayDeque} that fails to grow loses its elements. */
  @SuppressWarnings("JdkObsolete")
  private final Deque<Endpoint> queue = new LinkedList<>();

  private final WaitingRequests waiting = new WaitingRequests();

  /** Those that a close leaves to its caller. */
  private final RightsInFlight.Waiting inFlight = new RightsInFlight.Waiting();

  /** Numbers for its connections. */
  private final Wire.Numbers numbers;

  /** Written under the lock. */
  private volatile int backlog;

  private int receiveBytes;
  private boolean listening;

  /** The address that the server is bound to; null before {@link #listen}. */
  private SocketAddress address;

  private boolean closed;

  /**
   * The number of acceptable connections, for readiness without the lock; written under the lock.
   */
  private volatile int pending;

  /** The closed flag, for readiness without the lock. */
  private volatile boolean gone;

  /** The listening flag, for readiness without the lock. */
  private volatile boolean ready;

  /**
   * Makes a listener that refuses until {@link #listen}.
   *
   * @param wire what its connections are made with
   * @param identity the identity of the accepted ends as their peers see it; null for the process's
   * @param admitted counts a new connection; run under the lock, before it can be accepted
   */
  public Listener(Wire wire, PeerCredentials identity, Runnable admitted) {
    this.identity = identity;
    this.admitted = admitted;
    this.wire = wire;
    this.numbers = wire.numbers();
  }

  /** The waiters for connections. */
  public PollSet poll() {
    return poll;
  }

  /** The number of connections that can be accepted now; a hint. */
  public int pending() {
    return pending;
  }

  /** The backlog, without the additional one that the kernel admits; 0 before {@link #listen}. */
  public int backlog() {
    return backlog;
  }

  /**
   * The bits of {@link Readiness} that hold now: {@code IN} if a connection can be accepted, {@code
   * HUP} if none can any more.
   */
  public int readiness() {
    if (!ready) {
      return Readiness.OUT | Readiness.HUP;
    }
    if (gone) {
      return Readiness.IN | Readiness.HUP;
    }
    return pending > 0 ? Readiness.IN : 0;
  }

  /**
   * Starts to take requests at an address.
   *
   * @param backlogLength how many connections may be queued; one is added to it
   * @param name the address; if it is a path, it is the local address of accepted ends, whichever
   *     path the client used
   */
  public void listen(int backlogLength, SocketAddress name) {
    lock.lock();
    try {
      address = name;
      backlog = backlogLength;
      listening = true;
      ready = true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Offers a request: it is connected at once, refused at once, or waits for room.
   *
   * @param request a new request
   * @param mayWait whether it may wait for room; otherwise it is dropped
   * @return the state of the request afterwards; {@code WAITING} without {@code mayWait} means that
   *     there was no room and that the request was dropped
   */
  public ConnectRequest.State offer(ConnectRequest request, boolean mayWait) {
    lock.lock();
    try {
      if (closed || !listening) {
        refuse(request);
      } else if (queue.size() <= backlog && waiting.isEmpty()) {
        admitOrRefuse(request);
      } else {
        tellFull(request);
        if (mayWait) {
          waiting.add(request);
        }
      }
    } finally {
      lock.unlock();
    }
    if (request.state() == ConnectRequest.State.CONNECTED) {
      VarHandle.fullFence(); // the queue before the waiters, see PollSet
      poll.wake(Readiness.IN);
    }
    return request.state();
  }

  private void tellFull(ConnectRequest request) {
    Observer told = wire.observer();
    if (told != null) {
      told.backlogFull(request.serverAddress(), queue.size());
    }
  }

  /**
   * Joins a client to a new server end and queues that; under the lock. After an error the request
   * is still undecided, where it was.
   *
   * @return false if the request was decided otherwise meanwhile
   */
  private boolean admit(ConnectRequest request) {
    if (!request.claim()) {
      waiting.remove(request);
      return false;
    }
    boolean joined = false;
    try {
      join(request);
      joined = true;
    } finally {
      if (!joined) {
        request.unclaim();
      }
    }
    request.decide(ConnectRequest.State.CONNECTED);
    waiting.remove(request);
    pending = acceptable();
    admitted.run();
    return true;
  }

  private void join(ConnectRequest request) {
    Endpoint server = new Endpoint(identity);
    boolean joined = false;
    queue.add(server); // first: a connected client must not be missing from the queue
    try {
      wire.connect(
          request.client(),
          request.givenClientAddress(),
          request.serverAddress(),
          server,
          localAddress(request.serverAddress()),
          Math.max(request.sendBytes(), receiveBytes), // the larger one of both ends
          request.receiveBytes(),
          numbers.next());
      joined = true;
    } finally {
      if (!joined) {
        queue.removeLast();
      }
    }
  }

  private static boolean refuse(ConnectRequest request) {
    boolean first = request.claim();
    if (first) {
      request.decide(ConnectRequest.State.REFUSED);
    }
    return first;
  }

  /** Admits a new request, or refuses it if memory is short: the connect then fails. */
  private void admitOrRefuse(ConnectRequest request) {
    boolean decided = false;
    try {
      admit(request);
      decided = true;
    } finally {
      if (!decided) {
        refuse(request);
      }
    }
  }

  /**
   * The number of acceptable connections; a request that waits while the queue is empty is admitted
   * by an accept.
   */
  private int acceptable() {
    if (closed) {
      return 0;
    }
    return queue.isEmpty() && !waiting.isEmpty() ? 1 : acceptable(queue);
  }

  /**
   * How many of the queued connections can be accepted now: by default all.
   *
   * @param queued the queued connections, oldest first; called under the listener's lock
   */
  protected int acceptable(Collection<Endpoint> queued) {
    return queued.size();
  }

  /** Recounts the acceptable connections, and wakes the waiters; called without a lock. */
  protected final void lookAgain() {
    lock.lock();
    try {
      pending = acceptable();
    } finally {
      lock.unlock();
    }
    VarHandle.fullFence(); // as in offer
    poll.wake(Readiness.IN);
  }

  /** The address that the server is bound to; null before {@link #listen}. */
  protected final SocketAddress address() {
    lock.lock();
    try {
      return address;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Called by an accept before it looks for a connection; by default it does nothing.
   *
   * @throws IOException if the accept fails, and leaves the queue as it is
   */
  public void beforeAccept() throws IOException {}

  /**
   * The local address of an accepted end: the kernel never sees the name by which the client
   * referred to it.
   */
  private SocketAddress localAddress(SocketAddress askedFor) {
    boolean throughWildcard = askedFor instanceof InetSocketAddress && !askedFor.equals(address);
    return throughWildcard ? IpAddresses.withoutName((InetSocketAddress) askedFor) : address;
  }

  /**
   * Sets the buffer size requested for connections accepted from now on; 0 for none, which is the
   * initial value.
   */
  public void receiveBufferBytes(int bytes) {
    lock.lock();
    try {
      receiveBytes = bytes;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes the connection that waited longest, or {@code null} if there is none, and admits a client
   * in its place. A client for which there is no memory goes on waiting, until an accept finds
   * nothing else and tries again.
   */
  public Endpoint accept() {
    if (pending == 0) {
      return null;
    }
    ConnectRequest late = null;
    ConnectRequest next = null;
    lock.lock();
    try {
      if (closed || (!queue.isEmpty() && acceptable(queue) == 0)) {
        return null;
      }
      late = queue.isEmpty() ? admitLongestWaiting() : null;
      Endpoint accepted = queue.poll();
      next = accepted == null ? null : admitNextIfPossible();
      return accepted;
    } finally {
      pending = acceptable();
      lock.unlock();
      wakeClient(late);
      wakeClient(next);
    }
  }

  /** The request that was admitted; null if none is waiting. */
  private ConnectRequest admitLongestWaiting() {
    while (!waiting.isEmpty()) {
      ConnectRequest longest = waiting.first();
      if (admit(longest)) {
        return longest;
      }
    }
    return null;
  }

  private ConnectRequest admitNextIfPossible() {
    try {
      return admitLongestWaiting();
    } catch (VirtualMachineError | LinkageError e) {
      return null; // it goes on waiting: this accept has a connection to return
    }
  }

  /** Whether channels are in flight to queued connections and not yet held by a channel. */
  public boolean hasChannelsToHold() {
    lock.lock();
    try {
      for (Endpoint queued : queue) {
        if (queued.hasChannelsToHold()) {
          return true;
        }
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Lets the listening channel hold the channels in flight to queued connections: under the lock,
   * so that none of these has been accepted.
   */
  public void holdChannels(HeldChannels holder) {
    lock.lock();
    try {
      for (Endpoint queued : queue) {
        queued.holdChannels(holder);
      }
    } finally {
      lock.unlock();
    }
  }

  private static void wakeClient(ConnectRequest decided) {
    if (decided != null) {
      VarHandle.fullFence(); // the decision before the waiters, see PollSet
      decided.client().poll().wake(Readiness.ALL);
    }
  }

  /**
   * Withdraws a request on behalf of its client.
   *
   * @return whether it was still waiting; otherwise it has been decided
   */
  public boolean cancel(ConnectRequest request) {
    lock.lock();
    try {
      waiting.remove(request);
      pending = acceptable();
      return request.cancel();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Stops listening: queued connections are reset, waiting requests are refused. Only the first
   * call has an effect. The {@linkplain #rightsInFlight rights in flight} are the caller's.
   */
  public void close() {
    lock.lock();
    try {
      closed = true; // from here on only this thread takes or adds anything
      gone = true;
      pending = 0;
    } finally {
      lock.unlock();
    }
    try {
      endQueued();
    } finally {
      try {
        refuseWaiting();
      } finally { // whatever failed, the waiters are notified of the close
        VarHandle.fullFence();
        poll.wake(Readiness.ALL);
      }
    }
  }

  /** The rights in flight to connections that were queued when this was closed. */
  public RightsInFlight.Waiting rightsInFlight() {
    return inFlight;
  }

  /** Resets all queued connections, whatever fails. */
  private void endQueued() {
    Throwable failure = null;
    for (Endpoint server = nextQueued(); server != null; server = nextQueued()) {
      try {
        server.leave(Closing.RESET);
      } catch (RuntimeException | Error e) {
        failure = e;
      }
      RightsInFlight rights = server.rightsInFlight();
      if (rights != null) {
        inFlight.add(rights);
      }
    }
    Failures.rethrow(failure);
  }

  private Endpoint nextQueued() {
    lock.lock();
    try {
      return queue.poll();
    } finally {
      lock.unlock();
    }
  }

  /** Refuses all waiting requests, whatever fails. */
  private void refuseWaiting() {
    Throwable failure = null;
    for (ConnectRequest next = nextRefused(); next != null; next = nextRefused()) {
      try {
        wakeClient(next);
        wire.tellRefused(next.clientAddress(), next.serverAddress(), next.refusal());
      } catch (RuntimeException | Error e) {
        failure = e;
      }
    }
    Failures.rethrow(failure);
  }

  /** Refuses the request that waited longest; null if none is waiting. */
  private ConnectRequest nextRefused() {
    lock.lock();
    try {
      while (!waiting.isEmpty()) {
        ConnectRequest longest = waiting.first();
        waiting.remove(longest);
        if (refuse(longest)) {
          return longest;
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }
}
