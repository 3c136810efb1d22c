package io.nioring.observe;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * Tells what happens on one connection as the TCP packets that a network would have carried.
 *
 * <p>Each side has a stream position, which gives the sequence numbers; how far it has read the
 * other's stream, which it acknowledges; and how much room it has for more, which is its window. So
 * the bytes in flight, a zero window and the time until an acknowledgement mean in a capture what
 * they mean over a network: how far the reader lags behind.
 *
 * <pre>
 *   initial + 0            SYN
 *   initial + 1 + p        the byte at position p of the stream, p from 0
 *   initial + 1 + length   FIN
 * </pre>
 *
 * Sequence numbers are positions modulo 2^32. A connection that is met in its middle begins with
 * its next packet. Used by one thread at a time.
 */
final class TcpConversation {
  /** Where the packets go. */
  interface Sink {
    /**
     * Takes a packet.
     *
     * @param payload valid during the call, as the header is
     * @param originalBytes how long the packet was before it was cut
     * @param comment what is to be said of it; null for nothing
     */
    void packet(
        long epochNanos, ByteBuffer header, ByteBuffer payload, int originalBytes, String comment)
        throws IOException;
  }

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();
  private static final int MAX_WINDOW = 65_535;
  private static final int MAX_SCALE = 14;

  /** What one side has sent, seen and announced. */
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

    boolean finished;
    boolean readEnd;

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
  }

  private final TcpPacket packets;
  private final Sink sink;
  private final int snapBytes;
  private final Side client;
  private final Side server;
  private String comment;

  /**
   * Begins to tell of a connection.
   *
   * @param packets builds the headers
   * @param sink takes the packets
   * @param snapBytes the most bytes that are kept of a packet
   * @param clientAddress who connected
   * @param serverAddress who was connected to
   * @param toClientBytes how many bytes the client has room for
   * @param toServerBytes how many bytes the server has room for
   * @param initial what the two initial sequence numbers are made from
   */
  TcpConversation(
      TcpPacket packets,
      Sink sink,
      int snapBytes,
      InetSocketAddress clientAddress,
      InetSocketAddress serverAddress,
      long toClientBytes,
      long toServerBytes,
      long initial) {
    this.packets = packets;
    this.sink = sink;
    this.snapBytes = snapBytes;
    this.client = new Side(clientAddress, (int) (initial * 64_000), toClientBytes);
    this.server = new Side(serverAddress, (int) (initial * 64_000 + 32_000), toServerBytes);
  }

  /** The next packet bears a comment; several that wait for it are put together. */
  void comment(String text) {
    comment = comment == null ? text : comment + "; " + text;
  }

  /** The connection was made. */
  void connected(long epochNanos) throws IOException {
    synchronize(epochNanos, client, server, TcpPacket.SYN, 0);
    synchronize(
        epochNanos, server, client, TcpPacket.SYN | TcpPacket.ACK, client.initial + 1);
    acknowledge(epochNanos, client, server);
  }

  /** The connection was refused. */
  void refused(long epochNanos) throws IOException {
    synchronize(epochNanos, client, server, TcpPacket.SYN, 0);
    emit(
        epochNanos,
        server,
        client,
        0,
        client.initial + 1,
        TcpPacket.RST | TcpPacket.ACK,
        0,
        NOTHING,
        0);
  }

  /**
   * One side sent bytes.
   *
   * @param position where in its stream they begin
   * @param kept the bytes that were kept of them, all that remain
   * @param bytes how many there were
   */
  void sent(long epochNanos, boolean byClient, long position, ByteBuffer kept, int bytes)
      throws IOException {
    Side from = side(byClient);
    Side to = side(!byClient);
    int most = TcpPacket.maxPayload(from.address, to.address);
    for (int done = 0; done < bytes; ) {
      int count = Math.min(most, bytes - done);
      int available = Math.min(count, kept.remaining());
      ByteBuffer part = kept.slice(kept.position(), available);
      kept.position(kept.position() + available);
      int flags = TcpPacket.ACK | (done + count == bytes ? TcpPacket.PSH : 0);
      emit(
          epochNanos,
          from,
          to,
          from.initial + 1 + (int) (position + done),
          acknowledged(from, to),
          flags,
          from.windowField(),
          part,
          count);
      done += count;
    }
    from.sent = Math.max(from.sent, position + bytes);
  }

  /**
   * One side has read the other's bytes.
   *
   * @param position the position behind the last one
   * @param roomBytes how many more it has room for now
   */
  void read(long epochNanos, boolean byClient, long position, long roomBytes) throws IOException {
    Side by = side(byClient);
    by.read = Math.max(by.read, position);
    by.window = roomBytes;
    acknowledge(epochNanos, by, side(!byClient));
  }

  /** One side has read the end of the other's stream. */
  void readEnd(long epochNanos, boolean byClient) throws IOException {
    Side by = side(byClient);
    Side other = side(!byClient);
    if (other.finished && !by.readEnd) {
      by.readEnd = true;
      acknowledge(epochNanos, by, other);
    }
  }

  /** One side will send no more. */
  void finished(long epochNanos, boolean byClient) throws IOException {
    Side from = side(byClient);
    if (!from.finished) {
      Side to = side(!byClient);
      emit(
          epochNanos,
          from,
          to,
          nextSequence(from),
          acknowledged(from, to),
          TcpPacket.FIN | TcpPacket.ACK,
          from.windowField(),
          NOTHING,
          0);
      from.finished = true;
    }
  }

  /** One side has ended the connection at once. */
  void reset(long epochNanos, boolean byClient) throws IOException {
    Side from = side(byClient);
    Side to = side(!byClient);
    emit(
        epochNanos,
        from,
        to,
        nextSequence(from),
        acknowledged(from, to),
        TcpPacket.RST | TcpPacket.ACK,
        0,
        NOTHING,
        0);
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
        nextSequence(by),
        acknowledged(by, other),
        TcpPacket.ACK,
        by.windowField(),
        NOTHING,
        0);
  }

  private static int nextSequence(Side side) {
    return side.initial + 1 + (int) side.sent + (side.finished ? 1 : 0);
  }

  private static int acknowledged(Side by, Side other) {
    return other.initial + 1 + (int) by.read + (by.readEnd ? 1 : 0);
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
    if (header.remaining() + payload.remaining() > snapBytes) {
      header.limit(Math.min(header.limit(), snapBytes));
      payload.limit(Math.max(0, snapBytes - header.remaining()));
    }
    String remark = comment;
    comment = null;
    sink.packet(epochNanos, header, payload, original, remark);
  }
}
