package io.nioring;

import io.nioring.internal.core.SocketSnapshot;
import io.nioring.internal.network.Opening;
import io.nioring.internal.stream.Endpoint;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One socket of a network at a moment: a row of {@link RingNetwork#sockets()}.
 *
 * <p>An immutable value. Its figures were read one after another while the network was in use, so
 * two of them need not belong to the same moment.
 */
public final class SocketEntry {
  /** The state of a socket, in the terms of {@code ss}. */
  public enum State {
    /** It is open, and neither listens nor has begun to connect. */
    UNCONN,
    /** It listens. */
    LISTEN,
    /** Its connect is pending. */
    SYN_SENT,
    /** It is connected, and both ends may send. */
    ESTAB,
    /** Its peer has shut its output. */
    CLOSE_WAIT,
    /** It has shut its output. */
    FIN_WAIT_2,
    /** Both ends have shut their output, and it is not closed yet. */
    CLOSED,
    /** It was reset by its peer, and is not closed yet. */
    CLOSED_RESET;

    /**
     * Returns the name that {@code ss} uses for it.
     *
     * @return the name, such as {@code SYN-SENT}
     */
    public String label() {
      return name().replace('_', '-');
    }
  }

  private final SocketSnapshot row;

  SocketEntry(SocketSnapshot row) {
    this.row = row;
  }

  /**
   * Returns the number of the connection, which its two ends have in common and no other of the
   * network has.
   *
   * @return a number from 1, unique in the network; 0 for a socket without a ring
   */
  public long connection() {
    return row.connection;
  }

  /**
   * Returns whether it is a socket for datagrams: UDP's, without a connection. In state {@link
   * State#ESTAB} it has a fixed peer.
   *
   * @return false for streams and listeners
   */
  public boolean isDatagram() {
    return row.datagram;
  }

  /**
   * Returns which end of a connection it is.
   *
   * @return {@code client}, {@code server}, {@code listener}; {@code none} for a socket that is
   *     neither connected nor listening, and for one for datagrams
   */
  public String end() {
    if (row.datagram) {
      return "none";
    }
    return switch (state()) {
      case LISTEN -> "listener";
      case UNCONN -> "none";
      default -> row.client ? "client" : "server";
    };
  }

  /**
   * Returns the state.
   *
   * @return the state
   */
  public State state() {
    return State.valueOf(row.state.name());
  }

  /**
   * Returns how much has arrived and has not been taken: unread bytes or, for a listener, the
   * connections in its backlog. Each datagram counts with 64 bytes more, as in the kernel with what
   * its memory takes.
   *
   * @return bytes, or connections
   */
  public long receiveQueue() {
    return row.receiveQueue;
  }

  /**
   * Returns how much was written that the peer has not read or, for a listener, the limit of its
   * backlog.
   *
   * @return bytes, or connections
   */
  public long sendQueue() {
    return row.sendQueue;
  }

  /**
   * Returns the socket's own address.
   *
   * @return the address; empty if it has none, and also for a Unix socket without a name
   */
  public Optional<SocketAddress> localAddress() {
    return named(row.local());
  }

  /**
   * Returns the address of the other end, or the one that it is connecting to.
   *
   * @return the address; empty if there is none, or if it is a Unix socket without a name
   */
  public Optional<SocketAddress> remoteAddress() {
    return named(row.remote());
  }

  private static Optional<SocketAddress> named(SocketAddress address) {
    boolean nameless = address == null || (!isInet(address) && address.toString().isEmpty());
    return nameless ? Optional.empty() : Optional.of(address);
  }

  private static boolean isInet(SocketAddress address) {
    return address instanceof InetSocketAddress;
  }

  /**
   * Returns which way its bytes go.
   *
   * @return {@code ring}, {@code kernel}, or {@code hybrid} for a listener or datagrams in both
   */
  public String route() {
    if (row.hybrid) {
      return "hybrid";
    }
    return row.kernel ? "kernel" : "ring";
  }

  /**
   * Returns the address family.
   *
   * @return {@code inet}, {@code inet6} or {@code unix}; pipes and socket pairs are {@code unix}
   */
  public String family() {
    if (row.unix) {
      return "unix";
    }
    return row.isInet6() ? "inet6" : "inet";
  }

  /**
   * Returns how long the channel has been open.
   *
   * @return the time, to about the network's {@link RingNetworkConfig#idleMillis()}; empty for an
   *     end that has no channel yet, since it waits to be accepted
   */
  public Optional<Duration> age() {
    return ago(row.ageNanos);
  }

  /**
   * Returns how long ago this end last sent something, over a ring.
   *
   * @return the time; empty if that was not {@linkplain RingNetwork#recordTimes recorded}
   */
  public Optional<Duration> lastSend() {
    return ago(row.sentAgoNanos);
  }

  /**
   * Returns how long ago this end last received something, over a ring.
   *
   * @return the time; empty if that is not known, as {@link #lastSend}
   */
  public Optional<Duration> lastReceive() {
    return ago(row.receivedAgoNanos);
  }

  private static Optional<Duration> ago(long nanos) {
    return nanos < 0 ? Optional.empty() : Optional.of(Duration.ofNanos(nanos));
  }

  /**
   * Returns the thread that opened or accepted the socket.
   *
   * @return the thread's name; empty if that was not {@linkplain RingNetwork#recordStacks recorded}
   */
  public Optional<String> openedBy() {
    return Optional.ofNullable(row.opening).map(Opening::thread);
  }

  /**
   * Returns where the socket was opened or accepted.
   *
   * @return the frames from the program's own on, the innermost first; none if that is not known
   */
  public List<StackTraceElement> openedAt() {
    return row.opening == null ? List.of() : row.opening.stack();
  }

  /**
   * Returns the faults that a simulation applies to the connection.
   *
   * @return their descriptions; empty if there is none
   */
  public String faults() {
    return row.faults;
  }

  /**
   * Returns which connect of a simulation the connection came from. {@code client->db:5432#2} is
   * the second of host "client" to port 5432 of host "db" since the simulation was opened, which is
   * how its faults and its trace count connections.
   *
   * @return the client's host, the server's host and port, and the number; empty if it is not of a
   *     simulation, or not connected
   */
  public Optional<String> simulatedConnect() {
    return Optional.ofNullable(row.end).map(Endpoint::simulatedConnect);
  }

  /**
   * Returns the number of bytes that this end has written so far, over a ring.
   *
   * @return the number
   */
  public long bytesSent() {
    return row.bytesSent;
  }

  /**
   * Returns the number of bytes that this end has read so far, over a ring.
   *
   * @return the number
   */
  public long bytesReceived() {
    return row.bytesReceived;
  }

  /**
   * Returns how many bytes that were written may wait for the peer.
   *
   * @return the bound of {@link #sendQueue()} in bytes; 0 if it is not connected over a ring
   */
  public int sendCapacityBytes() {
    return row.sendCapacity;
  }

  /**
   * Returns how many bytes may wait for this end.
   *
   * @return the bound of {@link #receiveQueue()} in bytes; 0 if it is not connected over a ring
   */
  public int receiveCapacityBytes() {
    return row.receiveCapacity;
  }

  /**
   * Returns how much ring memory its outgoing direction holds; the sum over all rows is what the
   * network holds for connections.
   *
   * @return bytes
   */
  public long memoryBytes() {
    return row.memoryBytes;
  }

  /**
   * Returns the name of the thread that sleeps in an operation of the socket.
   *
   * @return the name; empty if none sleeps
   */
  public Optional<String> waitingThread() {
    return Optional.ofNullable(row.waiting).map(SocketEntry::nameOf);
  }

  private static String nameOf(Thread thread) {
    String name = thread.getName();
    return name.isEmpty() ? "thread " + thread.getId() : name;
  }

  /**
   * Returns what that thread waits for.
   *
   * @return {@code read}, {@code write}, {@code accept}, {@code connect} or {@code receive}; empty
   *     if none sleeps
   */
  public Optional<String> waitingOperation() {
    return Optional.ofNullable(row.waitingFor());
  }

  /**
   * Returns how long that thread has been sleeping.
   *
   * @return the time, to about a millisecond; empty if none sleeps
   */
  public Optional<Duration> waitingTime() {
    return row.waiting == null
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(Math.max(0, row.waitingNanos)));
  }

  /**
   * Returns the number of the selector that the socket is registered with, or of the first one if
   * there are several.
   *
   * @return a number that distinguishes selectors; 0 if it is registered with none
   */
  public int selector() {
    return row.selector;
  }

  /**
   * Returns the operations that its key is interested in.
   *
   * @return bits of {@link java.nio.channels.SelectionKey}; 0 without a key
   */
  public int interestOps() {
    return row.interestOps;
  }

  /**
   * Returns the ready operations among those that its key is interested in.
   *
   * @return bits of {@link java.nio.channels.SelectionKey}; 0 without a key
   */
  public int readyOps() {
    return row.readyOps & interestOps();
  }

  /**
   * Returns the socket options that were set.
   *
   * @return the values by the options' names
   */
  public Map<String, Object> options() {
    return row.options();
  }

  /**
   * Returns state, queues, addresses and connection in one line. A connection of a simulation is
   * named by its {@linkplain #simulatedConnect() connect}.
   */
  @Override
  public String toString() {
    return state().label()
        + " "
        + receiveQueue()
        + " "
        + sendQueue()
        + " "
        + localAddress().map(Object::toString).orElse("*")
        + " "
        + remoteAddress().map(Object::toString).orElse("*")
        + " connection="
        + simulatedConnect().orElseGet(() -> Long.toString(connection()));
  }
}
