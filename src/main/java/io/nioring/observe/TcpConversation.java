package io.nioring.observe;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * Converts the events of one connection to the TCP packets that a network would have carried.
 *
 * <p>Each side has a stream position, which gives the sequence numbers; how far it has read the
 * other's stream, which it acknowledges; and how much room it has for more, which is its window. So
 * the bytes in flight, a zero window and the time until an acknowledgement have the same meaning as
 * in a capture of a network: how far the reader lags behind.
 *
 * <pre>
 *   initial + 0            SYN
 *   initial + 1 + p        the byte at position p of the stream, p from 0
 *   initial + 1 + length   FIN
 * </pre>
 *
 * Sequence numbers are positions modulo 2^32. A connection that existed before the capture begins
 * with its next packet. No packet follows a reset. Used by one thread at a time.
 *
 * <h2>Acknowledgements</h2>
 *
 * A read is not acknowledged at once: the next packet of the same side carries the acknowledgement,
 * or {@link #acknowledgePending} emits one for all reads until then. It always precedes data for
 * which there was no room before that read.
 */
final class TcpConversation {
  /** Receives the packets. */
  interface Sink {
    /**
     * Takes a packet.
     *
     * @param payload valid during the call, as the header is
     * @param originalBytes the packet's length before it was cut
     * @param comment a comment on it; null for none
     */
    void packet(
        long epochNanos, ByteBuffer header, ByteBuffer payload, int originalBytes, String comment)
        throws IOException;
  }

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();
  private static final int MAX_WINDOW = 65_535;
  private static final int MAX_SCALE = 14;
  private static final int NUMBERS_APART = 64_000;

  /** The most characters of the comments that wait for a packet, since none may ever follow. */
  private static final int MAX_COMMENT = 8_000;

  /** What one side has sent, read and announced. */
  private static final class Side {
    final InetSocketAddress address;
    final int initial;
    final int scale;

    /** The position behind the last byte that it sent. */
    long sent;

    /** The position behind the last byte of the other side that it has read. */
    long read;

    /** How many bytes it has room for. */
    long window;

    /** The position up to which it has announced room. */
    long announced;

    /** Whether a read has not been acknowledged yet. */
    boolean owesAcknowledgement;

    boolean finished;

    /** Whether it has read the end of the other's stream. */
    boolean readEnd;

    /** Whether its end was closed. */
    boolean closed;

    Side(InetSocketAddress address, int initial, long capacityBytes) {
      this.address = address;
      this.initial = initial;
      this.window = capacityBytes;
      this.scale = scaleFor(capacityBytes);
    }

    /** The smallest scale by which the whole capacity can be announced. */
    private static int scaleFor(long capacityBytes) {
      int scale = 0;
      while (scale < MAX_SCALE && capacityBytes >>> scale > MAX_WINDOW) {
        scale++;
      }
      return scale;
    }

    int windowField() {
      return (int) Math.min(MAX_WINDOW, window >>> scale);
    }

    int nextSequence() {
      return initial + 1 + (int) sent + (finished ? 1 : 0);
    }
  }

  private final TcpPacket packets;
  private final Sink sink;
  private final int snapBytes;
  private final Side client;
  private final Side server;
  private boolean reset;

  /** The comments on the next packet; null if there are none. */
  private StringBuilder comment;

  /** How many more comments there were. */
  private long commentsLeftOut;

  /**
   * Creates the conversation of a connection.
   *
   * @param packets builds the headers
   * @param sink takes the packets
   * @param snapBytes the most bytes that are kept of a packet
   * @param clientAddress who connected
   * @param serverAddress who was connected to
   * @param toClientBytes how many bytes the client has room for
   * @param toServerBytes how many bytes the server has room for
   * @param initial determines the two initial sequence numbers
   * @param isOneEnd whether the client has connected to itself, so that both sides are one
   */
  TcpConversation(
      TcpPacket packets,
      Sink sink,
      int snapBytes,
      InetSocketAddress clientAddress,
      InetSocketAddress serverAddress,
      long toClientBytes,
      long toServerBytes,
      long initial,
      boolean isOneEnd) {
    this.packets = packets;
    this.sink = sink;
    this.snapBytes = snapBytes;
    int first = (int) (initial * NUMBERS_APART);
    this.client = new Side(clientAddress, first, toClientBytes);
    this.server =
        isOneEnd ? client : new Side(serverAddress, first + NUMBERS_APART / 2, toServerBytes);
  }

  /**
   * Begins in the middle of the connection: no handshake is written.
   *
   * @param byClient whose positions these are
   * @param sent how many bytes it has sent
   * @param read how many of the other side's bytes it has read
   */
  void startAt(boolean byClient, long sent, long read) {
    Side side = side(byClient);
    side.sent = sent;
    side.read = read;
  }

  /**
   * Adds a comment to the next packet; several are joined, and those that become too many are
   * counted.
   */
  void comment(String text) {
    if (text.isEmpty() || reset) {
      return;
    }
    if (comment == null) {
      comment = new StringBuilder(text);
    } else if (comment.length() + text.length() <= MAX_COMMENT) {
      comment.append("; ").append(text);
    } else {
      commentsLeftOut++;
    }
  }

  /** Returns the comments on a packet, which are not kept; null if there are none. */
  private String takeComment() {
    if (comment == null) {
      return null;
    }
    String left = commentsLeftOut == 0 ? "" : "; and " + commentsLeftOut + " more";
    String text = comment.append(left).toString();
    comment = null;
    commentsLeftOut = 0;
    return text;
  }

  /** The connection was made. */
  void connected(long epochNanos) throws IOException {
    synchronize(epochNanos, client, server, TcpPacket.SYN, 0);
    synchronize(epochNanos, server, client, TcpPacket.SYN | TcpPacket.ACK, client.initial + 1);
    acknowledge(epochNanos, client, server);
  }

  /** The connection was refused. */
  void refused(long epochNanos) throws IOException {
    synchronize(epochNanos, client, server, TcpPacket.SYN, 0);
    int flags = TcpPacket.RST | TcpPacket.ACK;
    emit(epochNanos, server, client, 0, client.initial + 1, flags, 0, NOTHING, 0);
  }

  /**
   * One side sent bytes.
   *
   * @param position where in its stream they begin
   * @param kept the bytes that were kept of them, all that remain
   * @param bytes how many there were, not above {@link TcpPacket#maxPayload}
   */
  void sent(long epochNanos, boolean byClient, long position, ByteBuffer kept, int bytes)
      throws IOException {
    Side from = side(byClient);
    Side to = side(!byClient);
    if (reset) {
      return;
    }
    if (position + bytes > to.announced) {
      acknowledgeOwed(epochNanos, to, from);
    }
    emit(
        epochNanos,
        from,
        to,
        from.initial + 1 + (int) position,
        acknowledged(from, to),
        TcpPacket.ACK | TcpPacket.PSH,
        from.windowField(),
        kept,
        bytes);
    from.sent = Math.max(from.sent, position + bytes);
  }

  /**
   * One side has read the other's bytes, which is not acknowledged yet.
   *
   * @param position the position behind the last one
   * @param roomBytes how many more it has room for now
   */
  void read(boolean byClient, long position, long roomBytes) {
    Side by = side(byClient);
    by.read = Math.max(by.read, position);
    by.window = roomBytes;
    by.owesAcknowledgement = true;
  }

  /** Emits the acknowledgements that are pending. */
  void acknowledgePending(long epochNanos) throws IOException {
    acknowledgeOwed(epochNanos, client, server);
    acknowledgeOwed(epochNanos, server, client);
  }

  private void acknowledgeOwed(long epochNanos, Side by, Side other) throws IOException {
    if (by.owesAcknowledgement && !reset) {
      acknowledge(epochNanos, by, other);
    }
  }

  /** One side has read the end of the other's stream, which may be reported only later. */
  void readEnd(long epochNanos, boolean byClient) throws IOException {
    acknowledgeEnd(epochNanos, side(byClient), side(!byClient));
  }

  private void acknowledgeEnd(long epochNanos, Side by, Side other) throws IOException {
    boolean first = !by.readEnd;
    by.readEnd = true;
    if (first && other.finished && !reset) {
      acknowledge(epochNanos, by, other);
    }
  }

  /**
   * One side will send no more.
   *
   * @param position how many bytes it has sent
   */
  void finished(long epochNanos, boolean byClient, long position) throws IOException {
    Side from = side(byClient);
    Side to = side(!byClient);
    if (from.finished || reset) {
      return;
    }
    from.sent = Math.max(from.sent, position);
    int flags = TcpPacket.FIN | TcpPacket.ACK;
    emit(
        epochNanos,
        from,
        to,
        from.nextSequence(),
        acknowledged(from, to),
        flags,
        from.windowField(),
        NOTHING,
        0);
    from.finished = true;
    if (to.readEnd || to.closed) { // what a kernel answers by itself
      to.readEnd = true;
      acknowledge(epochNanos, to, from);
    }
  }

  /**
   * One side has reset the connection.
   *
   * @param position how many bytes it has sent
   */
  void reset(long epochNanos, boolean byClient, long position) throws IOException {
    Side from = side(byClient);
    Side to = side(!byClient);
    if (reset) {
      return;
    }
    from.sent = Math.max(from.sent, position);
    int flags = TcpPacket.RST | TcpPacket.ACK;
    emit(epochNanos, from, to, from.nextSequence(), acknowledged(from, to), flags, 0, NOTHING, 0);
    reset = true;
  }

  /** One side's end was closed: it will not read the end of the other's stream. */
  void closed(long epochNanos, boolean byClient) throws IOException {
    Side by = side(byClient);
    by.closed = true;
    Side other = side(!byClient);
    if (other.finished) {
      acknowledgeEnd(epochNanos, by, other);
    }
  }

  private Side side(boolean isClient) {
    return isClient ? client : server;
  }

  private void synchronize(long epochNanos, Side from, Side to, int flags, int acknowledged)
      throws IOException {
    int window = (int) Math.min(MAX_WINDOW, from.window); // not scaled yet
    emit(epochNanos, from, to, from.initial, acknowledged, flags, window, NOTHING, 0);
  }

  private void acknowledge(long epochNanos, Side by, Side other) throws IOException {
    emit(
        epochNanos,
        by,
        other,
        by.nextSequence(),
        acknowledged(by, other),
        TcpPacket.ACK,
        by.windowField(),
        NOTHING,
        0);
  }

  /** The end of a stream counts once it has been emitted. */
  private static int acknowledged(Side by, Side other) {
    return other.initial + 1 + (int) by.read + (by.readEnd && other.finished ? 1 : 0);
  }

  private void emit(
      long epochNanos,
      Side from,
      Side to,
      int sequence,
      int acknowledged,
      int flags,
      int window,
      ByteBuffer kept,
      int bytes)
      throws IOException {
    ByteBuffer header =
        packets.headers(
            from.address,
            to.address,
            sequence,
            acknowledged,
            flags,
            window,
            from.scale,
            kept,
            bytes);
    int original = header.remaining() + bytes;
    ByteBuffer payload = kept.slice();
    IpPacket.cut(header, payload, snapBytes);
    from.owesAcknowledgement = false;
    from.announced = from.read + from.window;
    sink.packet(epochNanos, header, payload, original, takeComment());
  }
}
