package io.nioring.observe;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * Builds IP and UDP headers with right lengths and checksums (RFC 768). Used by one thread at a
 * time.
 */
final class UdpPacket {
  private static final int UDP_BYTES = 8;
  private static final byte PROTOCOL_UDP = 17;
  private static final int CHECKSUM_IN_UDP = 6;

  private final IpPacket ip = new IpPacket();

  /**
   * Builds the headers of a packet.
   *
   * @param from the sender
   * @param to the receiver, or the group
   * @param payload the data that was kept; its position stays
   * @param payloadBytes how much data there was; if more than was kept, the checksum is not right,
   *     and no reader can tell
   * @return the headers, valid until the next call
   */
  ByteBuffer headers(
      InetSocketAddress from, InetSocketAddress to, ByteBuffer payload, int payloadBytes) {
    int bytes = UDP_BYTES + payloadBytes;
    ByteBuffer header = ip.begin(from, to, PROTOCOL_UDP, bytes);
    header.putShort((short) from.getPort()).putShort((short) to.getPort());
    header.putShort((short) bytes);
    header.putShort((short) 0);
    short checksum = ip.checksum(payload);
    return ip.end(CHECKSUM_IN_UDP, checksum == 0 ? (short) 0xffff : checksum); // 0 means none
  }
}
