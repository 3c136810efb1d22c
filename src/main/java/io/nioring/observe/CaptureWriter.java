package io.nioring.observe;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.nioring.internal.poll.Sum;
import io.nioring.observe.CaptureQueue.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedList;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Writes the files of a capture: takes the records from the queue and lets their conversations
 * convert them to packets. Run by one thread.
 */
final class CaptureWriter implements Runnable, CaptureQueue.Consumer, TcpConversation.Sink {
  /** Reads within this time share an acknowledgement. */
  private static final long ACKNOWLEDGE_NANOS = 40_000;

  private static final long IDLE_NANOS = 1_000_000;

  /** How long records are kept for the key log file, unless the queue fills. */
  private static final long KEY_LOG_NANOS = 20_000_000;

  /** How long the end waits for a thread that is inside an offer. */
  private static final long LAST_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final CaptureQueue queue;
  private final CaptureFiles files;
  private final LongSupplier clock;
  private final long epochOffset;
  private final int snapBytes;
  private final UdpPacket datagrams = new UdpPacket();
  private final Map<Long, CapturedConnection> connections = new ConcurrentHashMap<>();
  private final Queue<CapturedConnection> over = new ConcurrentLinkedQueue<>();
  private final Sum packets = new Sum();
  private final Sum bytes = new Sum();

  /**
   * The connections with a pending acknowledgement, in the order of their reads. A list of nodes:
   * an {@link java.util.ArrayDeque} that cannot grow loses what it has.
   */
  @SuppressWarnings("JdkObsolete")
  private final Queue<CapturedConnection> pending = new LinkedList<>();

  private long time;
  private long lost;

  private volatile boolean ending;

  /**
   * Makes one.
   *
   * @param queue where the records come from
   * @param files where the packets go
   * @param clock the clock of the records' times
   * @param epochOffset the difference between the epoch's time and the clock's
   * @param snapBytes the most bytes that are kept of a packet
   */
  CaptureWriter(
      CaptureQueue queue, CaptureFiles files, LongSupplier clock, long epochOffset, int snapBytes) {
    this.queue = queue;
    this.files = files;
    this.clock = clock;
    this.epochOffset = epochOffset;
    this.snapBytes = snapBytes;
  }

  // -- any thread

  /** Adds a connection, before its first record. */
  void add(CapturedConnection connection) {
    connections.put(connection.key(), connection);
  }

  /** Forgets a connection that has no record in the queue. */
  void remove(CapturedConnection connection) {
    connections.remove(connection.key());
  }

  /** Forgets a connection once its last record was taken. */
  void isOver(CapturedConnection connection) {
    over.add(connection);
  }

  /** The connections that are captured now. */
  Iterable<CapturedConnection> connections() {
    return connections.values();
  }

  /** The number of connections that are captured. */
  int count() {
    return connections.size();
  }

  /** How many packets were written. */
  long packets() {
    return packets.value();
  }

  /** How many bytes of packets were written. */
  long bytes() {
    return bytes.value();
  }

  /** Ends the file after the records in the queue, which accepts no more. */
  void end() {
    ending = true;
    queue.close();
  }

  /** Forgets all connections, which a reference to the capture would keep reachable. */
  void forget() {
    connections.clear();
    over.clear();
    pending.clear();
  }

  /** Closes the file of a capture that no thread writes. */
  void closeFiles() throws IOException {
    files.close();
  }

  /** Removes the closed file of a capture that could not be started, unless it was there before. */
  void discardFile() {
    files.discard();
  }

  // -- the capture's thread

  /**
   * Writes until the end.
   *
   * @throws CaptureFailedException if the file cannot be written
   */
  @Override
  public void run() {
    try (CaptureFiles closing = files) {
      writeAll();
      acknowledge(Long.MAX_VALUE);
      closing.lost(lost + queue.lostSince());
      closing.end(now());
    } catch (IOException e) {
      throw new CaptureFailedException(e);
    }
  }

  private void writeAll() throws IOException {
    long idle = 0;
    long endedAt = 0;
    while (true) {
      boolean last = ending;
      if (queue.drain(this)) {
        idle = 0;
        forgetOver();
        continue;
      }
      if (last) {
        endedAt = endedAt == 0 ? System.nanoTime() : endedAt;
        if (queue.taken() == queue.claimed() || System.nanoTime() - endedAt > LAST_NANOS) {
          return;
        }
      }
      idle(idle++);
    }
  }

  private void idle(long times) throws IOException {
    forgetOver();
    acknowledge(times == 0 ? clock.getAsLong() : Long.MAX_VALUE);
    if (times == 1) {
      files.flush(); // for programs that read the file as it grows
    }
    queue.sleep(times == 0 ? ACKNOWLEDGE_NANOS : IDLE_NANOS);
  }

  /**
   * {@inheritDoc} With a key log file they are kept for a moment, so that the lines for what they
   * carry are there: a peer may see encrypted records before the other side has logged their keys.
   */
  @Override
  public void begin() throws IOException {
    if (files.hasKeyLog()) {
      queue.sleep(KEY_LOG_NANOS);
      files.addSecrets();
    }
  }

  @Override
  public void record(
      Kind kind,
      long key,
      long nanos,
      long position,
      int number,
      int lostBefore,
      ByteBuffer payload)
      throws IOException {
    lost += lostBefore;
    if (kind == Kind.DATAGRAM) {
      advance(nanos);
      datagram(CapturedDatagram.of(payload, number));
      return;
    }
    CapturedConnection connection = connections.get(key >>> 1);
    if (connection == null) {
      return;
    }
    advance(nanos);
    if (!connection.named) {
      for (PcapngWriter.Name name : connection.addresses().names()) {
        files.name(name);
      }
      connection.named = true;
    }
    tell(connection, kind, (key & 1) != 0, position, number, payload);
    if (kind == Kind.READ && !connection.pending) {
      pending.add(connection);
      connection.pending = true;
      connection.pendingSince = nanos;
    } else if (kind == Kind.REFUSED) {
      remove(connection);
    }
  }

  private void advance(long nanos) throws IOException {
    time = Math.max(time, nanos + epochOffset); // threads are not told apart by less than this
    acknowledge(nanos);
  }

  private void datagram(CapturedDatagram datagram) throws IOException {
    String name = AddressText.host(datagram.to());
    if (!name.isEmpty()) {
      files.name(new PcapngWriter.Name(datagram.to().getAddress(), name));
    }
    ByteBuffer payload = datagram.payload().slice();
    ByteBuffer header =
        datagrams.headers(datagram.from(), datagram.to(), payload, datagram.bytes());
    int original = header.remaining() + datagram.bytes();
    IpPacket.cut(header, payload, snapBytes);
    packet(time, header, payload, original, null);
  }

  private void tell(
      CapturedConnection connection,
      Kind kind,
      boolean byClient,
      long position,
      int number,
      ByteBuffer payload)
      throws IOException {
    TcpConversation conversation = connection.conversation();
    if (kind != Kind.DATA && payload.hasRemaining()) {
      conversation.comment(UTF_8.decode(payload).toString());
    }
    switch (kind) {
      case CONNECTED -> conversation.connected(time);
      case REFUSED -> conversation.refused(time);
      case DATA -> conversation.sent(time, byClient, position, payload, number);
      case READ -> conversation.read(byClient, position, number);
      case READ_END -> conversation.readEnd(time, byClient);
      case FINISHED -> conversation.finished(time, byClient, position);
      case RESET -> conversation.reset(time, byClient, position);
      case CLOSED -> conversation.closed(time, byClient);
      case REMARK -> {} // on the next packet
      case DATAGRAM -> throw new IllegalStateException("a datagram has no connection");
    }
  }

  /** Acknowledges reads that have waited long enough. */
  private void acknowledge(long nanos) throws IOException {
    CapturedConnection next = pending.peek();
    while (next != null
        && (nanos == Long.MAX_VALUE || nanos - next.pendingSince >= ACKNOWLEDGE_NANOS)) {
      pending.remove();
      next.pending = false;
      next.conversation().acknowledgePending(time);
      next = pending.peek();
    }
  }

  private void forgetOver() {
    CapturedConnection next = over.peek();
    while (next != null && next.overAt() <= queue.taken() && !next.pending) {
      over.remove();
      remove(next);
      next = over.peek();
    }
  }

  @Override
  public void packet(
      long epochNanos, ByteBuffer header, ByteBuffer payload, int originalBytes, String comment)
      throws IOException {
    long captured = (long) header.remaining() + payload.remaining();
    files.packet(epochNanos, header, payload, originalBytes, comment, lost);
    lost = 0;
    packets.add(1);
    bytes.add(captured);
  }

  private long now() {
    return Math.max(time, clock.getAsLong() + epochOffset);
  }
}
