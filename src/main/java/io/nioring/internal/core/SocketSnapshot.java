package io.nioring.internal.core;

import io.nioring.internal.address.ClientAddress;
import io.nioring.internal.blocking.BlockingOperation;
import io.nioring.internal.network.Opening;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.poll.Waiter;
import io.nioring.internal.select.SelectorUse;
import io.nioring.internal.stream.Endpoint;
import java.net.SocketAddress;
import java.nio.channels.SelectionKey;
import java.util.Map;

/**
 * The state and resources of one socket at about one moment: a row of the table of sockets.
 *
 * <p>Made by the socket, without a lock that reads or writes take; fields that do not apply keep
 * their defaults. Exposed through {@code io.nioring.SocketEntry}, and not changed after it was
 * handed out. One of a socket that is connected over a ring may be filled in again for another such
 * socket, which sets all that either has.
 */
public final class SocketSnapshot {
  /** The states, named as {@code ss} names them. */
  public enum State {
    /** Opened; it neither listens nor has begun a connect. */
    UNCONN,
    /** It listens. */
    LISTEN,
    /** Its connect is pending. */
    SYN_SENT,
    /** Both ends may send. */
    ESTAB,
    /** The peer sends no more. */
    CLOSE_WAIT,
    /** This end sends no more. */
    FIN_WAIT_2,
    /** Neither end sends any more. */
    CLOSED,
    /** It was reset by its peer. */
    CLOSED_RESET
  }

  public long connection;
  public boolean client;
  public State state = State.UNCONN;
  public long receiveQueue;
  public long sendQueue;

  /** The end of the connection, which knows the addresses; null if it is not over a ring. */
  public Endpoint end;

  /** Null if there is an end. */
  public SocketAddress local;

  /** Null if there is an end. */
  public SocketAddress remote;

  public boolean unix;

  /** Whether it has an IPv6 address; only with an end. */
  public boolean inet6;

  public boolean datagram;
  public boolean kernel;

  /** Whether the kernel listens at the address too, or delivers its datagrams. */
  public boolean hybrid;

  /** -1 if unknown. */
  public long ageNanos = -1;

  public long bytesSent;
  public long bytesReceived;
  public int sendCapacity;
  public int receiveCapacity;

  /** Those of the ring that this end writes to. */
  public long memoryBytes;

  /** The thread that is blocked in an operation; null if there is none. */
  public Thread waiting;

  /** Whether it waits to send or to connect, and not to receive or to accept. */
  public boolean waitingForOutput;

  public long waitingNanos;

  /** 0 without one. */
  public int selector;

  public int interestOps;
  public int readyOps;

  /** How long ago it has last sent; -1 if unknown. */
  public long sentAgoNanos = -1;

  /** How long ago it has last received; -1 if unknown. */
  public long receivedAgoNanos = -1;

  /** Where it was opened; null if unknown. */
  public Opening opening;

  /** The simulated faults that apply to it; empty if there are none. */
  public String faults = "";

  /** The options; null if it has none. */
  public OptionValues optionsSet;

  /**
   * The part common to all sockets connected over a ring, including an end that has not been
   * accepted.
   */
  public static SocketSnapshot of(Endpoint end) {
    SocketSnapshot row = new SocketSnapshot();
    row.take(end);
    return row;
  }

  void take(Endpoint end) {
    takeConstants(end);
    client = end.isClient();
    state = stateOf(end);
    receiveQueue = end.available();
    sendQueue = end.unsent();
    unix = !end.isInet();
    inet6 = end.isInet6();
    bytesSent = end.totalWritten();
    bytesReceived = end.totalRead();
    memoryBytes = end.sendMemoryBytes();
    faults = end.faults();
  }

  /** Takes what never changes of a connected end, and what leads to its addresses. */
  public void takeConstants(Endpoint connected) {
    end = connected;
    connection = connected.number();
    sendCapacity = connected.sendCapacityBytes();
    receiveCapacity = connected.receiveCapacityBytes();
  }

  /** Whether it is the end that has connected, or is about to. */
  public boolean isOfClient() {
    return client && state != State.LISTEN && state != State.UNCONN;
  }

  private static State stateOf(Endpoint end) {
    if (end.isAborted()) {
      return State.CLOSED_RESET;
    }
    if (end.isOutputFinished()) {
      return end.isInputFinished() ? State.CLOSED : State.FIN_WAIT_2;
    }
    return end.isInputFinished() ? State.CLOSE_WAIT : State.ESTAB;
  }

  /** The blocked threads and the selector; sets all of these fields. */
  void takeWaiting(PollSet poll, BlockingOperation input, BlockingOperation output, int bits) {
    Thread reader = poll.reader();
    Thread writer = reader == null ? poll.writer() : null;
    BlockingOperation asleep = reader == null ? output : input;
    waiting = reader == null ? writer : reader;
    waitingForOutput = writer != null;
    waitingNanos = waiting == null || asleep == null ? 0 : asleep.asleepNanos();
    Waiter waiter = poll.waiter();
    selector = SelectorUse.selectorOf(waiter);
    interestOps = SelectorUse.interestOf(waiter);
    readyOps = interestOps & opsOf(bits);
  }

  /** What the thread waits for; null if none is blocked. */
  public String waitingFor() {
    if (waiting == null) {
      return null;
    }
    return waitingForOutput ? outputName() : inputName();
  }

  /** The socket's own address; null if it has none. */
  public SocketAddress local() {
    return end == null ? local : end.copyOfLocalAddress();
  }

  /** The address of the other end; null if there is none. */
  public SocketAddress remote() {
    return end == null ? remote : end.copyOfRemoteAddress();
  }

  /** Whether its address is one of IPv6. */
  public boolean isInet6() {
    return end == null ? ClientAddress.isInet6(local == null ? remote : local) : inet6;
  }

  /** The options that were set, by their names. */
  public Map<String, Object> options() {
    return optionsSet == null ? Map.of() : optionsSet.named();
  }

  private String inputName() {
    if (datagram) {
      return "receive";
    }
    return state == State.LISTEN ? "accept" : "read";
  }

  private String outputName() {
    return state == State.SYN_SENT ? "connect" : "write";
  }

  private static int opsOf(int bits) {
    int ops = 0;
    if ((bits & (Readiness.IN | Readiness.HUP | Readiness.ERR)) != 0) {
      ops |= SelectionKey.OP_READ | SelectionKey.OP_ACCEPT;
    }
    if ((bits & (Readiness.OUT | Readiness.HUP | Readiness.ERR)) != 0) {
      ops |= SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT;
    }
    return ops;
  }
}
