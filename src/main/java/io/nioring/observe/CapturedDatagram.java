package io.nioring.observe;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.nioring.observe.CaptureQueue.Kind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * A datagram of a capture: a record in the queue on its own, since it belongs to no connection.
 *
 * <pre>
 *   source, port, destination, port, name of the destination, payload
 * </pre>
 *
 * Addresses and the name are preceded by their lengths.
 *
 * @param from the source
 * @param to the destination, with the name that the program has used, if any
 * @param payload what was kept of the payload
 * @param bytes how long the payload was
 */
record CapturedDatagram(
    InetSocketAddress from, InetSocketAddress to, ByteBuffer payload, int bytes) {
  private static final int MAX_NAME_BYTES = 255;
  private static final int MAX_ADDRESSES_BYTES = 2 * (1 + 16 + Short.BYTES) + 1 + MAX_NAME_BYTES;

  /**
   * Puts a datagram into a queue.
   *
   * @param nanos when it was sent, or has arrived
   * @param snapBytes the most bytes that are kept of its payload
   */
  static void offer(
      CaptureQueue queue,
      long nanos,
      InetSocketAddress from,
      InetSocketAddress to,
      byte[] payload,
      int snapBytes) {
    int most = Math.min(snapBytes, queue.maxPayload() - MAX_ADDRESSES_BYTES);
    int kept = Math.max(0, Math.min(payload.length, most));
    ByteBuffer record = ByteBuffer.allocate(MAX_ADDRESSES_BYTES + kept);
    put(record, from.getAddress().getAddress());
    record.putShort((short) from.getPort());
    put(record, to.getAddress().getAddress());
    record.putShort((short) to.getPort());
    byte[] name = AddressText.host(to).getBytes(UTF_8);
    put(record, name.length <= MAX_NAME_BYTES ? name : new byte[0]);
    record.put(payload, 0, kept).flip();
    queue.offer(Kind.DATAGRAM, 0, nanos, 0, payload.length, record, record.remaining());
  }

  private static void put(ByteBuffer record, byte[] bytes) {
    record.put((byte) bytes.length).put(bytes);
  }

  /**
   * Reads a record.
   *
   * @param record what was offered
   * @param bytes how long the payload was
   */
  static CapturedDatagram of(ByteBuffer record, int bytes) throws UnknownHostException {
    byte[] source = take(record);
    int sourcePort = Short.toUnsignedInt(record.getShort());
    byte[] destination = take(record);
    int port = Short.toUnsignedInt(record.getShort());
    String name = new String(take(record), UTF_8);
    InetAddress to =
        name.isEmpty()
            ? InetAddress.getByAddress(destination)
            : InetAddress.getByAddress(name, destination);
    return new CapturedDatagram(
        new InetSocketAddress(InetAddress.getByAddress(source), sourcePort),
        new InetSocketAddress(to, port),
        record,
        bytes);
  }

  private static byte[] take(ByteBuffer record) {
    byte[] bytes = new byte[Byte.toUnsignedInt(record.get())];
    record.get(bytes);
    return bytes;
  }
}
