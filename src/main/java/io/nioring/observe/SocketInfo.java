package io.nioring.observe;

import io.nioring.SocketEntry;
import java.time.Duration;
import java.util.stream.Collectors;

/** A row of the table of sockets for management tools, to which it is a {@code CompositeData}. */
public final class SocketInfo {
  private final SocketEntry row;

  SocketInfo(SocketEntry row) {
    this.row = row;
  }

  /** {@return the number of the connection, which both ends share; 0 without a ring} */
  public long getConnection() {
    return row.connection();
  }

  /** {@return client, server, listener or none} */
  public String getEnd() {
    return row.end();
  }

  /** {@return tcp, udp or u_str, as ss spells them} */
  public String getNetid() {
    return SocketListing.kind(row);
  }

  /** {@return the state, as ss spells it} */
  public String getState() {
    return row.state().label();
  }

  /**
   * {@return bytes that have arrived and were not read, each datagram with 64 more; of a listener,
   * connections in its backlog}
   */
  public long getRecvQ() {
    return row.receiveQueue();
  }

  /**
   * {@return bytes that were written and not read by the peer; of a listener, the limit of its
   * backlog}
   */
  public long getSendQ() {
    return row.sendQueue();
  }

  /** {@return the local address} */
  public String getLocal() {
    return row.localAddress().map(SocketListing::text).orElse("*");
  }

  /** {@return the peer's address} */
  public String getPeer() {
    return row.remoteAddress().map(SocketListing::text).orElse("*");
  }

  /** {@return ring, kernel or hybrid} */
  public String getRoute() {
    return row.route();
  }

  /** {@return inet, inet6 or unix} */
  public String getFamily() {
    return row.family();
  }

  /** {@return the age in milliseconds; -1 if it is not known} */
  public long getAgeMillis() {
    return row.age().map(Duration::toMillis).orElse(-1L);
  }

  /** {@return when it was opened, in milliseconds since 1970; -1 if it is not known} */
  public long getOpened() {
    return row.age().map(age -> System.currentTimeMillis() - age.toMillis()).orElse(-1L);
  }

  /** {@return the thread that opened it; null if that was not recorded} */
  public String getOpenedBy() {
    return row.openedBy().orElse(null);
  }

  /** {@return where it was opened, one stack frame a line; empty if that was not recorded} */
  public String getOpenedAt() {
    return row.openedAt().stream().map(Object::toString).collect(Collectors.joining("\n"));
  }

  /** {@return how long ago it last sent, in milliseconds; -1 if it is not known} */
  public long getLastSendMillis() {
    return row.lastSend().map(Duration::toMillis).orElse(-1L);
  }

  /** {@return how long ago it last received, in milliseconds; -1 if it is not known} */
  public long getLastReceiveMillis() {
    return row.lastReceive().map(Duration::toMillis).orElse(-1L);
  }

  /** {@return the name of its host; empty if its address has none} */
  public String getLocalHost() {
    return row.localAddress().map(AddressText::host).orElse("");
  }

  /** {@return the name of the peer's host; empty if its address has none} */
  public String getPeerHost() {
    return row.remoteAddress().map(AddressText::host).orElse("");
  }

  /** {@return the faults that a simulation applies to the connection; empty for none} */
  public String getFault() {
    return row.faults();
  }

  /** {@return which connect of a simulation it came from, client->db:5432#2; empty if of none} */
  public String getSimulatedConnect() {
    return row.simulatedConnect().orElse("");
  }

  /** {@return the bytes written so far} */
  public long getBytesSent() {
    return row.bytesSent();
  }

  /** {@return the bytes read so far} */
  public long getBytesReceived() {
    return row.bytesReceived();
  }

  /** {@return the most bytes that may be written and unread} */
  public int getCapacityBytes() {
    return row.sendCapacityBytes();
  }

  /** {@return the ring memory of the outgoing direction, in bytes} */
  public long getMemoryBytes() {
    return row.memoryBytes();
  }

  /** {@return the thread that is blocked in an operation; null if none is} */
  public String getWaitingThread() {
    return row.waitingThread().orElse(null);
  }

  /** {@return read, write, accept or connect; null if no thread is blocked} */
  public String getWaitingFor() {
    return row.waitingOperation().orElse(null);
  }

  /** {@return how long it has been blocked, in milliseconds} */
  public long getWaitingMillis() {
    return row.waitingTime().map(Duration::toMillis).orElse(0L);
  }

  /** {@return a number that identifies the selector; 0 without one} */
  public int getSelector() {
    return row.selector();
  }

  /** {@return the interest set of its key} */
  public String getInterest() {
    return SocketListing.ops(row.interestOps());
  }

  /** {@return the operations of the interest set that are ready now} */
  public String getReady() {
    return SocketListing.ops(row.readyOps());
  }

  /** {@return the socket options that were set} */
  public String getOptions() {
    return row.options().toString();
  }
}
