package io.nioring.internal.names;

import io.nioring.internal.address.IpAddresses;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.HeldChannels;
import io.nioring.internal.stream.Observer;
import io.nioring.internal.stream.Wire;
import io.nioring.socket.PeerCredentials;
import io.nioring.socket.Right;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

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
  private final ReentrantLock lock = new ReentrantLock();

  /** A list of nodes: an {@link java.util.ArrayDeque} that cannot grow loses what it has. */
  @SuppressWarnings("JdkObsolete")
  private final Deque<Endpoint> queue = new LinkedList<>();

  /** In the order of their coming; one that is taken back is found without a search. */
  private final LinkedHashSet<ConnectRequest> waiting = new LinkedHashSet<>();

  /** Numbers for its connections. */
  private final Wire.Numbers numbers;

  /** Written under the lock. */
  private volatile int backlog;

  private int receiveBytes;
  private boolean listening;

  /** The address that the server is bound to; null before. */
  private SocketAddress address;

  private boolean closed;

  /** How many can be accepted, for readiness without the lock; written under the lock. */
  private volatile int pending;

  /** The closed flag, for readiness without the lock. */
  private volatile boolean gone;

  /** The listening flag, for readiness without the lock. */
  private volatile boolean ready;

  /**
   * Makes a listener that refuses until {@link #listen}.
   *
   * @param wire what its connections are made with
   * @param identity who the accepted ends are to their peers; null for the process
   * @param admitted counts a connection that was made; run under the lock, before anybody can
   *     accept it
   */
  public Listener(Wire wire, PeerCredentials identity, Runnable admitted) {
    this.identity = identity;
    this.admitted = admitted;
    this.wire = wire;
    this.numbers = wire.numbers();
  }

  /** Who waits for connections. */
  public PollSet poll() {
    return poll;
  }

  /** How many can be accepted now; a hint. */
  public int pending() {
    return pending;
  }

  /** How many may wait, without the one more that the kernel has; 0 before {@link #listen}. */
  public int backlog() {
    return backlog;
  }

  /**
   * The bits of {@link Readiness} that hold now: {@code IN} if something can be accepted, {@code
   * HUP} if nothing can any more.
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
   * @param backlogLength how many connections may wait, one is added to it
   * @param name the address; a path is the local address of accepted ends, whatever path led to it
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
   * @param mayWait whether it may wait for room; otherwise it stays out
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
   * Joins a client to a new server end and queues that; under the lock. An error leaves the request
   * undecided, where it was.
   *
   * @return false if the request was decided otherwise meanwhile
   */
  private boolean admit(ConnectRequest request) {
    if (!request.claim()) {
      stopWaiting(request);
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
    stopWaiting(request);
    pending = acceptable();
    admitted.run();
    return true;
  }

  /** A set asks even for what it cannot have by its identity hash, which a new object must make. */
  private void stopWaiting(ConnectRequest request) {
    if (!waiting.isEmpty()) {
      waiting.remove(request);
    }
  }

  private void join(ConnectRequest request) {
    Endpoint server = new Endpoint(identity);
    boolean joined = false;
    queue.add(server); // first: a client that is connected cannot be left out of the queue
    try {
      wire.connect(
          request.client(),
          request.clientAddress(),
          request.serverAddress(),
          server,
          localAddress(request.serverAddress()),
          Math.max(request.sendBytes(), receiveBytes), // the larger wish of a direction's two ends
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

  /** Admits a new request, or refuses it if memory is short: its connect fails then. */
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

  /** How many can be accepted; one that waits beside an empty queue is admitted by an accept. */
  private int acceptable() {
    if (closed) {
      return 0;
    }
    return queue.isEmpty() && !waiting.isEmpty() ? 1 : acceptable(queue);
  }

  /**
   * How many of the queued connections can be accepted now: by default all.
   *
   * @param queued those that wait, longest first; called under the listener's lock
   */
  protected int acceptable(Collection<Endpoint> queued) {
    return queued.size();
  }

  /** Counts again what can be accepted, and wakes its waiters; called without a lock. */
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

  /** The address that the server is bound to; null before. */
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
   * The address that an accepted end is given: the kernel never sees the name that a client uses
   * for it.
   */
  private SocketAddress localAddress(SocketAddress askedFor) {
    boolean throughWildcard = askedFor instanceof InetSocketAddress && !askedFor.equals(address);
    return throughWildcard ? IpAddresses.withoutName((InetSocketAddress) askedFor) : address;
  }

  /** Takes the size wish of what is accepted from now on, 0 for none, as before the first call. */
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
   * in its place. One that there is no memory for goes on waiting, until an accept finds none but
   * such a client, and tries again.
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

  /** The request that was admitted; null if none waits. */
  private ConnectRequest admitLongestWaiting() {
    while (!waiting.isEmpty()) {
      ConnectRequest longest = waiting.iterator().next();
      if (admit(longest)) {
        return longest;
      }
    }
    return null;
  }

  private ConnectRequest admitNextIfPossible() {
    try {
      return admitLongestWaiting();
    } catch (OutOfMemoryError e) {
      return null; // it goes on waiting: this accept has what it was called for
    }
  }

  /** Whether channels are in flight to queued connections that no channel holds yet. */
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
   * so that it holds for none that was accepted.
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
   * Takes a request back that its client does not want any more.
   *
   * @return whether it was still waiting; otherwise it has been decided
   */
  public boolean cancel(ConnectRequest request) {
    lock.lock();
    try {
      stopWaiting(request);
      pending = acceptable();
      return request.cancel();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Stops listening: what is queued is reset, what waits is refused. Only the first call acts.
   *
   * @return the rights in flight to queued connections, for the caller to close without a lock
   */
  public List<Right> close() {
    lock.lock();
    try {
      closed = true; // from here on nobody but this thread takes or adds anything
      gone = true;
      pending = 0;
    } finally {
      lock.unlock();
    }
    try {
      return endQueued();
    } finally {
      try {
        refuseWaiting();
      } finally { // whatever failed, who waits for a connection hears of the end
        VarHandle.fullFence();
        poll.wake(Readiness.ALL);
      }
    }
  }

  /**
   * Resets what is queued; all of it, though memory should be short for what is in flight to it.
   */
  private List<Right> endQueued() {
    Endpoint server = nextQueued();
    try {
      List<Right> inFlight = server == null ? List.of() : new ArrayList<>();
      for (; server != null; server = nextQueued()) {
        inFlight.addAll(server.close(true));
      }
      return inFlight;
    } finally {
      for (; server != null; server = nextQueued()) { // only if that failed
        server.close(true);
      }
    }
  }

  private Endpoint nextQueued() {
    lock.lock();
    try {
      return queue.poll();
    } finally {
      lock.unlock();
    }
  }

  /** Refuses what waits; all of it, whatever fails. */
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
    if (failure instanceof Error e) {
      throw e;
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
  }

  /** Refuses the request that waited longest; null if none waits. */
  private ConnectRequest nextRefused() {
    lock.lock();
    try {
      while (!waiting.isEmpty()) {
        ConnectRequest longest = waiting.iterator().next();
        stopWaiting(longest);
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
