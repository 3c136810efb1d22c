package io.nioring.internal.names;

import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.StreamPair;
import java.net.SocketAddress;

/**
 * A client's wish to be connected, from its offer to a {@link Listener} until it is decided.
 *
 * <pre>{@code
 * WAITING -> CONNECTED    admitted to the backlog; the two endpoints are joined
 *         -> REFUSED      the listener closed first
 *         -> CANCELLED    the client closed first
 * }</pre>
 *
 * The state changes once, under the listener's lock, and is read by anybody.
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

  private final Endpoint client;
  private final SocketAddress clientAddress;
  private final SocketAddress serverAddress;
  private final int sendBytes;
  private final int receiveBytes;
  private volatile State state = State.WAITING;

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

  /** A request that was refused at once: nobody listens at the address. */
  public static ConnectRequest refused(Endpoint client, SocketAddress serverAddress) {
    var request = new ConnectRequest(client, null, serverAddress, 0, 0);
    request.state = State.REFUSED;
    return request;
  }

  /** A request that was granted at once: the client connects to its own address, as TCP lets it. */
  public static ConnectRequest toItself(
      Endpoint client, SocketAddress address, MemoryPool pool, int bufferBytes) {
    StreamPair.connectToItself(pool, client, address, bufferBytes);
    var request = new ConnectRequest(client, address, address, 0, 0);
    request.state = State.CONNECTED;
    return request;
  }

  /** Where the request stands. */
  public State state() {
    return state;
  }

  Endpoint client() {
    return client;
  }

  SocketAddress clientAddress() {
    return clientAddress;
  }

  SocketAddress serverAddress() {
    return serverAddress;
  }

  int sendBytes() {
    return sendBytes;
  }

  int receiveBytes() {
    return receiveBytes;
  }

  void decide(State decision) {
    state = decision;
  }
}
