package io.nioring.internal.names;

import io.nioring.internal.poll.Readiness;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.Wire;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.ConnectException;
import java.net.SocketAddress;

/**
 * A client's wish to be connected, from its offer to a {@link Listener} until it is decided.
 *
 * <pre>{@code
 * WAITING -> CONNECTED    admitted to the backlog; the two endpoints are joined
 *         -> REFUSED      nobody listens, or the listener closed first
 *         -> CANCELLED    the client closed first
 * }</pre>
 *
 * It is decided once, by the first to claim it, mostly under the listener's lock; its state is read
 * by anybody.
 */
public final class ConnectRequest {
  /** Where a request stands. */
  public enum State {
    /** The backlog is full. */
    WAITING,
    /** The endpoints are joined. */
    CONNECTED,
    /** Nobody listens any more. */
    REFUSED,
    /** The client does not want it any more. */
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

  /** The outcome; null while it waits, which spares a new request a fence. */
  private volatile State outcome;

  /** Why it was refused; null for the plain reason. Written before the state. */
  private IOException reason;

  /** What an observer has said to the connect; null without one. The connecting thread's. */
  private Object attempt;

  /** Whether somebody decides it, or has done so; changed through {@link #CLAIMED}. */
  @SuppressWarnings("UnusedVariable") // through its handle
  private volatile boolean claimed;

  /**
   * Makes a request.
   *
   * @param client the client's unconnected end
   * @param clientAddress the client's address, as the server will see it
   * @param serverAddress the address asked for, as the client will see it
   * @param sendBytes the client's wish for the most bytes on the way to the server, 0 for none
   * @param receiveBytes the client's wish for the other way, 0 for none
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

  /** Connects the client to its own address, which it asked for, as TCP lets it. */
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
   * Refuses the request if nobody has decided it, and wakes its client.
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
   * Takes back a request that is offered to nobody.
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

  /** Notes what an observer has said to the connect. */
  public void attempt(Object of) {
    attempt = of;
  }

  /** What an observer has said to the connect; null if nothing. */
  public Object attempt() {
    return attempt;
  }

  /** Where the request stands. */
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

  /** Whether the caller is the one that decides; it does so by {@link #decide} next. */
  boolean claim() {
    return CLAIMED.compareAndSet(this, false, true);
  }

  /** Takes the claim back: memory was short, and the request goes on waiting. */
  void unclaim() {
    claimed = false;
  }

  void decide(State decision) {
    outcome = decision;
  }
}
