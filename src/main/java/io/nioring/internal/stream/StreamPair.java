package io.nioring.internal.stream;

import io.nioring.internal.ring.MemoryPool;
import java.net.SocketAddress;

/** Joins two endpoints by two directions: the one place where a connected pair is put together. */
public final class StreamPair {
  private StreamPair() {}

  /**
   * Joins two unconnected endpoints. Afterwards both can be used at once; neither holds memory yet.
   *
   * @param pool where ring memory will come from
   * @param client the end that connects
   * @param clientAddress its address
   * @param server the end that will be accepted
   * @param serverAddress its address
   * @param toServerBytes the most bytes on the way to the server
   * @param toClientBytes the most bytes on the way to the client
   */
  public static void connect(
      MemoryPool pool,
      Endpoint client,
      SocketAddress clientAddress,
      Endpoint server,
      SocketAddress serverAddress,
      int toServerBytes,
      int toClientBytes) {
    connect(
        pool,
        client,
        clientAddress,
        serverAddress,
        server,
        serverAddress,
        toServerBytes,
        toClientBytes);
  }

  /**
   * Joins an endpoint to itself, as TCP does with a socket that connects to its own address: what
   * is written comes back.
   *
   * @param bytes the most bytes on the way
   */
  public static void connectToItself(
      MemoryPool pool, Endpoint end, SocketAddress address, int bytes) {
    Direction direction = new Direction(pool, bytes);
    end.connect(end, address, address, direction, direction);
  }

  /**
   * Joins two endpoints as above, where the client asked for another name of the server's address
   * than the server has.
   *
   * @param askedFor the address that the client asked for
   */
  public static void connect(
      MemoryPool pool,
      Endpoint client,
      SocketAddress clientAddress,
      SocketAddress askedFor,
      Endpoint server,
      SocketAddress serverAddress,
      int toServerBytes,
      int toClientBytes) {
    Direction toServer = new Direction(pool, toServerBytes);
    Direction toClient = new Direction(pool, toClientBytes);
    server.connect(client, serverAddress, clientAddress, toServer, toClient);
    client.connect(server, clientAddress, askedFor, toClient, toServer);
  }
}
