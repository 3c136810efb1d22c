package io.nioring.observe;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * Builds IP and TCP headers with right lengths and checksums (RFC 9293). Used by one thread at a
 * time.
 */
final class TcpPacket {
  static final int FIN = 1;
  static final int SYN = 1 << 1;
  static final int RST = 1 << 2;
  static final int PSH = 1 << 3;
  static final int ACK = 1 << 4;

  /** The most bytes of a packet with its headers, IPv4 or IPv6. */
  private static final int MAX_PACKET = 65_535;

  private static final int TCP_BYTES = 20;
  private static final int SYN_OPTION_BYTES = 8;
  private static final byte PROTOCOL_TCP = 6;
  private static final int CHECKSUM_IN_TCP = 16;

  private final IpPacket ip = new IpPacket();

  /**
   * Builds the headers of a packet.
   *
   * @param from the sender
   * @param to the receiver
   * @param sequence the number of the first byte of data, modulo 2^32
   * @param acknowledged the number of the next byte that the sender expects, modulo 2^32
   * @param flags of {@link #FIN} to {@link #ACK}
   * @param window the window field, as it is on the wire
   * @param scale the window scale that a packet with {@link #SYN} announces
   * @param payload the data that was kept, {@link #maxPayload} bytes at most; its position stays
   * @param payloadBytes how much data there was; if more than was kept, the checksum is not right,
   *     and no reader can tell
   * @return the headers, valid until the next call
   */
  ByteBuffer headers(
      InetSocketAddress from,
      InetSocketAddress to,
      int sequence,
      int acknowledged,
      int flags,
      int window,
      int scale,
      ByteBuffer payload,
      int payloadBytes) {
    int tcpBytes = TCP_BYTES + ((flags & SYN) != 0 ? SYN_OPTION_BYTES : 0);
    ByteBuffer header = ip.begin(from, to, PROTOCOL_TCP, tcpBytes + payloadBytes);
    header.putShort((short) from.getPort()).putShort((short) to.getPort());
    header.putInt(sequence).putInt(acknowledged);
    header.put((byte) ((tcpBytes / 4) << 4)).put((byte) flags);
    header.putShort((short) window);
    header.putInt(0); // checksum, urgent pointer
    if ((flags & SYN) != 0) {
      putSynOptions(header, maxPayload(from, to), scale);
    }
    return ip.end(CHECKSUM_IN_TCP, ip.checksum(payload));
  }

  /** How many bytes of data fit into one packet between two addresses. */
  static int maxPayload(InetSocketAddress from, InetSocketAddress to) {
    boolean ipv4 = IpPacket.isIpv4(from, to);
    return MAX_PACKET - TCP_BYTES - (ipv4 ? IpPacket.IPV4_BYTES : IpPacket.IPV6_BYTES);
  }

  private static void putSynOptions(ByteBuffer header, int segmentBytes, int scale) {
    header.put((byte) 2).put((byte) 4).putShort((short) segmentBytes);
    header.put((byte) 1).put((byte) 3).put((byte) 3).put((byte) scale);
  }
}
