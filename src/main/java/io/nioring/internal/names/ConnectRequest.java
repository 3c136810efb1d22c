package io.nioring.internal.names;

import io.nioring.internal.address.ClientAddress;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.Wire;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.ConnectException;
import java.net.SocketAddress;

/**
 * A client's request to be connected, from its offer to a {@link Listener} until it is decided.
 *
 * <pre>{@code
 * WAITING -> CONNECTED    admitted to the backlog; the two endpoints are joined
 *         -> REFUSED      no listener, or the listener closed first
 *         -> CANCELLED    the client closed first
 * }</pre>
 *
 * It is decided once, by the first thread that claims it, mostly under the listener's lock; any
 * thread may read its state.
 */
public final class ConnectRequest {
  /** Where a request stands. */
  public enum State {
    /** The backlog is full. */
    WAITING,
    /** The endpoints are joined. */
    CONNECTED,
    /** There is no listener any more. */
    REFUSED,
    /** The client has withdrawn it. */
    CANCELLED
  }

  private static final VarHandle CLAIMED;

  static {
    try {
      CLAIMED =
          MethodHandles.lookup().findVarHandle(ConnectRequest.class, "claimed", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Endpoint client;
  private final SocketAddress clientAddress;
  private final SocketAddress serverAddress;
  private final int sendBytes;
  private final int receiveBytes;

  /** The outcome; null while it is waiting, which spares a new request a fence. */
  private volatile State outcome;

  /** Its neighbors in the {@link WaitingRequests}; null if there are none. */
  ConnectRequest before;

  ConnectRequest after;

  /** Why it was refused; null for "Connection refused". Written before the state. */
  private IOException reason;

  /** The observer's value for the connect; null without one. Used by the connecting thread. */
  private Object attempt;

  /** Whether a thread is deciding it, or has decided it; changed through {@link #CLAIMED}. */
  @SuppressWarnings("UnusedVariable") // through its handle
  private volatile boolean claimed;

  /**
   * Makes a request.
   *
   * @param client the client's unconnected end
   * @param clientAddress the client's address, as the server will see it; maybe a {@link
   *     ClientAddress}
   * @param serverAddress the address asked for, as the client will see it
   * @param sendBytes the buffer size that the client requests towards the server, 0 for none
   * @param receiveBytes the buffer size that the client requests for the other direction, 0 for
   *     none
   */
  public ConnectRequest(
      Endpoint client,
      SocketAddress clientAddress,
      SocketAddress serverAddress,
      int sendBytes,
      int receiveBytes) {
    this.client = client;
    this.clientAddress = clientAddress;
    this.serverAddress = serverAddress;
    this.sendBytes = sendBytes;
    this.receiveBytes = receiveBytes;
  }

  /**
   * A request that was refused at once.
   *
   * @param client the client's unconnected end
   * @param clientAddress the client's address; null if it has none
   * @param serverAddress the address asked for
   * @param why the exception that the client gets; null for "Connection refused"
   */
  public static ConnectRequest refused(
      Endpoint client, SocketAddress clientAddress, SocketAddress serverAddress, IOException why) {
    var request = new ConnectRequest(client, clientAddress, serverAddress, 0, 0);
    request.claimed = true;
    request.reason = why;
    request.outcome = State.REFUSED;
    return request;
  }

  /** Connects the client to its own address, which it asked for, as TCP permits. */
  public void joinToItself(Wire wire) {
    if (claim()) {
      boolean joined = false;
      try {
        wire.connectToItself(client, serverAddress, Math.max(sendBytes, receiveBytes));
        joined = true;
      } finally {
        decide(joined ? State.CONNECTED : State.REFUSED); // the latter if memory is short
      }
    }
  }

  /**
   * Refuses the request if it is undecided, and wakes its client.
   *
   * @param why the exception that the client gets; null for "Connection refused"
   * @return whether it was not decided before
   */
  public boolean refuse(IOException why) {
    if (!claim()) {
      return false;
    }
    reason = why;
    decide(State.REFUSED);
    VarHandle.fullFence(); // the decision before the waiters, see PollSet
    client.poll().wake(Readiness.ALL);
    return true;
  }

  /**
   * Withdraws a request that has not been offered to a listener.
   *
   * @return whether it was still waiting; otherwise it has been decided
   */
  public boolean cancel() {
    if (!claim()) {
      return false;
    }
    decide(State.CANCELLED);
    return true;
  }

  /** The exception for the client of a refused request. */
  public IOException refusal() {
    return reason == null ? new ConnectException("Connection refused") : reason;
  }

  /** Stores the observer's value for the connect. */
  public void attempt(Object of) {
    attempt = of;
  }

  /** The observer's value for the connect; null if there is none. */
  public Object attempt() {
    return attempt;
  }

  /** The state of the request. */
  public State state() {
    State decided = outcome;
    return decided == null ? State.WAITING : decided;
  }

  /** The client's end. */
  public Endpoint client() {
    return client;
  }

  /** The client's address, as the server will see it. */
  public SocketAddress clientAddress() {
    return ClientAddress.full(clientAddress);
  }

  /** The client's address, maybe a {@link ClientAddress}. */
  SocketAddress givenClientAddress() {
    return clientAddress;
  }

  /** The address asked for. */
  public SocketAddress serverAddress() {
    return serverAddress;
  }

  int sendBytes() {
    return sendBytes;
  }

  int receiveBytes() {
    return receiveBytes;
  }

  /**
   * Claims the decision for the caller, which calls {@link #decide} next; returns whether it was
   * still open.
   */
  boolean claim() {
    return CLAIMED.compareAndSet(this, false, true);
  }

  /** Withdraws the claim: memory was short, and the request goes on waiting. */
  void unclaim() {
    claimed = false;
  }

  void decide(State decision) {
    outcome = decision;
  }
}
