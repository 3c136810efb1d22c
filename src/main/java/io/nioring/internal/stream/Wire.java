package io.nioring.internal.stream;

import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.time.Clock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes the connections of a network. The only place where a pair is put together: its addresses
 * decide here whether it behaves as TCP or as Unix sockets.
 *
 * <p>A network has one wire, whose connections only carry bytes. Something that acts between the
 * ends of a connection, to record or to delay the data, is a different wire: {@link #between}
 * chooses it when the connection is made, and it makes other {@linkplain #direction directions}.
 * Plain connections are not affected. Thread-safe.
 */
public class Wire {
  /**
   * How many numbers are taken at a time, so that connects to different listeners rarely contend.
   */
  private static final int NUMBERS = 64;

  private final MemoryPool memory;
  private final int bufferBytes;
  private final Clock clock;
  private final AtomicLong nextNumbers = new AtomicLong(1);

  /** The observer of connections; null if there is none. */
  private volatile Observer observer;

  /**
   * Makes a wire.
   *
   * @param memory the source of the memory of its rings
   * @param bufferBytes the capacity of a direction when neither end requests a size
   * @param clock the network's
   */
  public Wire(MemoryPool memory, int bufferBytes, Clock clock) {
    this.memory = memory;
    this.bufferBytes = bufferBytes;
    this.clock = clock;
  }

  /** The source of the memory of the rings. */
  public final MemoryPool memory() {
    return memory;
  }

  /** The capacity of a direction when neither end requests a size. */
  public final int bufferBytes() {
    return bufferBytes;
  }

  /** The network's clock. */
  public final Clock clock() {
    return clock;
  }

  /** A source of connection numbers for one listener, which guards it with its lock. */
  public final Numbers numbers() {
    return new Numbers(this);
  }

  /** The number for a connection without a listener. */
  public final long number() {
    return nextNumbers.getAndIncrement();
  }

  /** The observer of connections; null if there is none. */
  public final Observer observer() {
    return observer;
  }

  /** All observers of connections. */
  public final List<Observer> observers() {
    return Observers.each(observer);
  }

  /** Adds an observer of connections made from now on. */
  public final synchronized void addObserver(Observer added) {
    observer = Observers.with(observer, added);
  }

  /**
   * Removes an observer added by {@link #addObserver}; calls in progress may go on for a moment.
   */
  public final synchronized void removeObserver(Observer removed) {
    observer = Observers.without(observer, removed);
  }

  /**
   * The wire of a connection that is about to be made.
   *
   * @param client the address of the end that connects
   * @param server the address that it asked for
   */
  protected Wire between(SocketAddress client, SocketAddress server) {
    return this;
  }

  /**
   * Makes a direction of a new pair, whose ends are not joined yet.
   *
   * @param from the end that will write
   * @param to the end that will read
   * @param capacityBytes the most bytes in transit
   * @param number the connection's number
   */
  protected Direction direction(Endpoint from, Endpoint to, int capacityBytes, long number) {
    return new Direction(memory, capacityBytes, number);
  }

  /**
   * Called when a pair was joined, before anyone is notified, possibly with a listener's lock held.
   *
   * @param client the end that connected
   * @param server the end that will be accepted
   */
  protected void connected(Endpoint client, Endpoint server) {}

  /**
   * Called when a connect over rings was refused, without a lock.
   *
   * @param client the address of the end that tried to connect; null if it has none
   * @param server the address that it asked for
   * @param reason the exception that the client gets
   */
  public void refused(SocketAddress client, SocketAddress server, IOException reason) {}

  /**
   * Called when a client has closed before its connect over rings was decided, possibly with a lock
   * of its socket held.
   *
   * @param client the address of the end that tried to connect; null if it has none
   * @param server the address that it asked for
   */
  public void withdrawn(SocketAddress client, SocketAddress server) {}

  /**
   * Reports a connect over rings that was refused, as {@link #refused} reports it; without a lock.
   */
  public final void tellRefused(SocketAddress client, SocketAddress server, IOException reason) {
    refused(client, server, reason);
    Observer told = observer;
    if (told != null) {
      told.refused(client, server, reason);
    }
  }

  /** Reports that a datagram is about to be sent. */
  public final void tellDatagram(InetSocketAddress from, InetSocketAddress to, byte[] payload) {
    Observer told = observer;
    if (told != null) {
      try {
        told.datagramSent(from, to, payload);
      } catch (OutOfMemoryError e) {
        // It is sent, and goes unobserved.
      }
    }
  }

  /**
   * Reports that the network was closed. An observer that is added at the same time may miss it: it
   * has to look, once it was added, whether the network is closed.
   */
  public final void tellClosed() {
    Observer told = observer;
    if (told != null) {
      told.networkClosed();
    }
  }

  private void tellConnected(Wire wire, Endpoint client, Endpoint server) {
    wire.connected(client, server);
    Observer told = observer;
    if (told != null) {
      try {
        told.connected(client, server);
      } catch (VirtualMachineError | LinkageError e) {
        // The pair is joined, and stays unobserved.
      }
    }
  }

  /**
   * Joins two unconnected endpoints. Afterwards both can be used; neither holds memory yet.
   *
   * @param client the end that connects
   * @param clientAddress its address
   * @param server the end that will be accepted
   * @param serverAddress its address
   */
  public final void connect(
      Endpoint client, SocketAddress clientAddress, Endpoint server, SocketAddress serverAddress) {
    connect(
        client,
        clientAddress,
        serverAddress,
        server,
        serverAddress,
        bufferBytes,
        bufferBytes,
        number());
  }

  /**
   * Joins two endpoints as above, for a client that asked for a different form of the server's
   * address.
   *
   * @param clientAddress its address; maybe a {@link ClientAddress}
   * @param askedFor the address that the client asked for
   * @param toServerBytes the capacity towards the server, 0 for the default
   * @param toClientBytes the capacity towards the client, 0 for the default
   * @param number the connection's number
   */
  public final void connect(
      Endpoint client,
      SocketAddress clientAddress,
      SocketAddress askedFor,
      Endpoint server,
      SocketAddress serverAddress,
      int toServerBytes,
      int toClientBytes,
      long number) {
    Wire wire = between(clientAddress, askedFor);
    Direction toServer = wire.direction(client, server, orDefault(toServerBytes), number);
    Direction toClient = wire.direction(server, client, orDefault(toClientBytes), number);
    toServer.fromClient();
    if (serverAddress instanceof InetSocketAddress) {
      toServer.followTcp();
      toClient.followTcp();
    }
    server.connect(client, serverAddress, clientAddress, toServer, toClient);
    client.connect(server, clientAddress, askedFor, toClient, toServer);
    tellConnected(wire, client, server);
  }

  /**
   * Joins an endpoint to itself, as TCP does with a socket that connects to its own address:
   * written bytes come back.
   *
   * @param address the address
   * @param bytes the capacity, 0 for the default
   */
  public final void connectToItself(Endpoint end, SocketAddress address, int bytes) {
    Wire wire = between(address, address);
    Direction direction = wire.direction(end, end, orDefault(bytes), number());
    direction.followTcp();
    direction.fromClient();
    end.connect(end, address, address, direction, direction);
    tellConnected(wire, end, end);
  }

  private int orDefault(int bytes) {
    return bytes == 0 ? bufferBytes : bytes;
  }

  /** Numbers of connections, taken from the wire in blocks; guarded by the owner's lock. */
  public static final class Numbers {
    private final Wire wire;
    private long next;
    private long end;

    private Numbers(Wire wire) {
      this.wire = wire;
    }

    /** The number of a new connection. */
    public long next() {
      if (next == end) {
        next = wire.nextNumbers.getAndAdd(NUMBERS);
        end = next + NUMBERS;
      }
      return next++;
    }
  }
}
