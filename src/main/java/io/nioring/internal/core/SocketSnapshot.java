package io.nioring.internal.core;

import io.nioring.internal.blocking.BlockingOperation;
import io.nioring.internal.network.Opening;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
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
 * handed out.
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
  public SocketAddress local;
  public SocketAddress remote;
  public boolean unix;
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

  public String waitingFor;
  public long waitingNanos;
  public SelectorUse selector;
  public int readyOps;

  /** How long ago it has last sent; -1 if unknown. */
  public long sentAgoNanos = -1;

  /** How long ago it has last received; -1 if unknown. */
  public long receivedAgoNanos = -1;

  /** Where it was opened; null if unknown. */
  public Opening opening;

  /** The simulated faults that apply to it; empty if there are none. */
  public String faults = "";

  /** The options that were set. */
  public Map<String, Object> options = Map.of();

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
    connection = end.number();
    client = end.isClient();
    state = stateOf(end);
    receiveQueue = end.available();
    sendQueue = end.unsent();
    local = end.localAddress();
    remote = end.remoteAddress();
    unix = !(local instanceof java.net.InetSocketAddress);
    bytesSent = end.totalWritten();
    bytesReceived = end.totalRead();
    sendCapacity = end.sendCapacityBytes();
    receiveCapacity = end.receiveCapacityBytes();
    memoryBytes = end.sendMemoryBytes();
    faults = end.faults();
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

  /** The blocked threads and the selector. */
  void takeWaiting(PollSet poll, BlockingOperation input, BlockingOperation output, int bits) {
    Thread reader = poll.reader();
    Thread writer = reader == null ? poll.writer() : null;
    BlockingOperation asleep = reader == null ? output : input;
    waiting = reader == null ? writer : reader;
    if (waiting != null) {
      waitingFor = reader == null ? outputName() : inputName();
      waitingNanos = asleep == null ? 0 : asleep.asleepNanos();
    }
    selector = SelectorUse.of(poll.waiter());
    readyOps = selector == null ? 0 : selector.interestOps() & opsOf(bits);
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
