package io.nioring.observe;

import io.nioring.SocketEntry;
import java.time.Duration;
import java.util.stream.Collectors;

/**
 * A row of the table of sockets for management tools, to which it is a {@code CompositeData}. What
 * is not known or does not exist is null, also where it is a number.
 */
public final class SocketInfo {
  private final SocketEntry row;

  SocketInfo(SocketEntry row) {
    this.row = row;
  }

  /** {@return the number of the connection, which both ends share; null without a ring} */
  public Long getConnection() {
    return row.connection() == 0 ? null : row.connection();
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

  /** {@return the age in milliseconds; null if it is not known} */
  public Long getAgeMillis() {
    return row.age().map(Duration::toMillis).orElse(null);
  }

  /** {@return when it was opened, in milliseconds since 1970; null if it is not known} */
  public Long getOpened() {
    return row.age().map(age -> System.currentTimeMillis() - age.toMillis()).orElse(null);
  }

  /** {@return the thread that opened it; null if that was not recorded} */
  public String getOpenedBy() {
    return row.openedBy().orElse(null);
  }

  /** {@return where it was opened, one stack frame a line; null if that was not recorded} */
  public String getOpenedAt() {
    return orNull(row.openedAt().stream().map(Object::toString).collect(Collectors.joining("\n")));
  }

  /** {@return how long ago it last sent, in milliseconds; null if it is not known} */
  public Long getLastSendMillis() {
    return row.lastSend().map(Duration::toMillis).orElse(null);
  }

  /** {@return how long ago it last received, in milliseconds; null if it is not known} */
  public Long getLastReceiveMillis() {
    return row.lastReceive().map(Duration::toMillis).orElse(null);
  }

  /** {@return the name of its host; null if its address has none} */
  public String getLocalHost() {
    return row.localAddress().map(AddressText::host).map(SocketInfo::orNull).orElse(null);
  }

  /** {@return the name of the peer's host; null if its address has none} */
  public String getPeerHost() {
    return row.remoteAddress().map(AddressText::host).map(SocketInfo::orNull).orElse(null);
  }

  /** {@return the faults that a simulation applies to the connection; null for none} */
  public String getFault() {
    return orNull(row.faults());
  }

  /** {@return which connect of a simulation it came from, client->db:5432#2; null if of none} */
  public String getSimulatedConnect() {
    return row.simulatedConnect().orElse(null);
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

  /** {@return how long it has been blocked, in milliseconds; null if none is} */
  public Long getWaitingMillis() {
    return row.waitingTime().map(Duration::toMillis).orElse(null);
  }

  /** {@return a number that identifies the selector; null without one} */
  public Integer getSelector() {
    return hasSelector() ? row.selector() : null;
  }

  /** {@return the interest set of its key; null without a selector} */
  public String getInterest() {
    return hasSelector() ? SocketListing.ops(row.interestOps()) : null;
  }

  /** {@return the operations of the interest set that are ready now; null without a selector} */
  public String getReady() {
    return hasSelector() ? SocketListing.ops(row.readyOps()) : null;
  }

  /** {@return the socket options that were set} */
  public String getOptions() {
    return row.options().toString();
  }

  private boolean hasSelector() {
    return row.selector() != 0;
  }

  private static String orNull(String text) {
    return text.isEmpty() ? null : text;
  }
}
