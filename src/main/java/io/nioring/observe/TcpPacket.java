package io.nioring.observe;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * Builds IP and TCP headers with right lengths and checksums (RFC 791, 8200, 9293, 1071), for bytes
 * that never were packets.
 *
 * <p>Both addresses are of one family: an IPv4 address beside an IPv6 one is written in its
 * IPv4-mapped form. Used by one thread at a time, since it has one buffer for all its headers.
 */
final class TcpPacket {
  static final int FIN = 1;
  static final int SYN = 1 << 1;
  static final int RST = 1 << 2;
  static final int PSH = 1 << 3;
  static final int ACK = 1 << 4;

  /** The most bytes of a packet with its headers, IPv4 or IPv6. */
  private static final int MAX_PACKET = 65_535;

  private static final int IPV4_BYTES = 20;
  private static final int IPV6_BYTES = 40;
  private static final int TCP_BYTES = 20;
  private static final int SYN_OPTION_BYTES = 8;
  private static final int PROTOCOL_TCP = 6;
  private static final int TTL = 64;
  private static final int CHECKSUM_IN_IPV4 = 10;
  private static final int CHECKSUM_IN_TCP = 16;
  private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff};

  private final ByteBuffer header = ByteBuffer.allocate(IPV6_BYTES + TCP_BYTES + SYN_OPTION_BYTES);
  private int identification;

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
    byte[] source = from.getAddress().getAddress();
    byte[] destination = to.getAddress().getAddress();
    if (source.length != destination.length) {
      source = mapped(from.getAddress());
      destination = mapped(to.getAddress());
    }
    int tcpBytes = TCP_BYTES + ((flags & SYN) != 0 ? SYN_OPTION_BYTES : 0);
    int segmentBytes = tcpBytes + payloadBytes;
    header.clear();
    if (source.length == 4) {
      putIpv4(source, destination, segmentBytes);
    } else {
      putIpv6(source, destination, segmentBytes);
    }
    int start = header.position();
    putTcp(from.getPort(), to.getPort(), sequence, acknowledged, flags, window, tcpBytes);
    if ((flags & SYN) != 0) {
      putSynOptions(maxPayload(from, to), scale);
    }
    header.putShort(start + CHECKSUM_IN_TCP, tcpChecksum(source, destination, start, payload));
    return header.flip();
  }

  /** How many bytes of data fit into one packet between two addresses. */
  static int maxPayload(InetSocketAddress from, InetSocketAddress to) {
    boolean ipv4 =
        from.getAddress().getAddress().length == 4 && to.getAddress().getAddress().length == 4;
    return MAX_PACKET - TCP_BYTES - (ipv4 ? IPV4_BYTES : IPV6_BYTES);
  }

  private static byte[] mapped(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == 16 ? bytes : ByteBuffer.allocate(16).put(MAPPED).put(bytes).array();
  }

  private void putIpv4(byte[] source, byte[] destination, int segmentBytes) {
    header.put((byte) 0x45).put((byte) 0); // version 4, five words of header
    header.putShort((short) (IPV4_BYTES + segmentBytes));
    header.putShort((short) identification++);
    header.putShort((short) 0x4000); // not to be fragmented
    header.put((byte) TTL).put((byte) PROTOCOL_TCP);
    header.putShort((short) 0);
    header.put(source).put(destination);
    header.putShort(CHECKSUM_IN_IPV4, (short) ~fold(sum(0, header, 0, IPV4_BYTES)));
  }

  private void putIpv6(byte[] source, byte[] destination, int segmentBytes) {
    header.putInt(0x60000000); // version 6, no class, no flow label
    header.putShort((short) segmentBytes);
    header.put((byte) PROTOCOL_TCP).put((byte) TTL);
    header.put(source).put(destination);
  }

  private void putTcp(
      int sourcePort,
      int destinationPort,
      int sequence,
      int acknowledged,
      int flags,
      int window,
      int bytes) {
    header.putShort((short) sourcePort).putShort((short) destinationPort);
    header.putInt(sequence).putInt(acknowledged);
    header.put((byte) ((bytes / 4) << 4)).put((byte) flags);
    header.putShort((short) window);
    header.putInt(0); // checksum, urgent pointer
  }

  private void putSynOptions(int segmentBytes, int scale) {
    header.put((byte) 2).put((byte) 4).putShort((short) segmentBytes);
    header.put((byte) 1).put((byte) 3).put((byte) 3).put((byte) scale);
  }

  private short tcpChecksum(byte[] source, byte[] destination, int start, ByteBuffer payload) {
    int segmentBytes = header.position() - start + payload.remaining();
    long sum = PROTOCOL_TCP + (long) (segmentBytes >>> 16) + (segmentBytes & 0xffff);
    sum = sum(sum, ByteBuffer.wrap(source), 0, source.length);
    sum = sum(sum, ByteBuffer.wrap(destination), 0, destination.length);
    sum = sum(sum, header, start, header.position());
    sum = sum(sum, payload, payload.position(), payload.limit());
    return (short) ~fold(sum);
  }

  /** Adds big-endian words of 16 bits; a last odd byte counts as the upper half of one. */
  private static long sum(long before, ByteBuffer bytes, int start, int end) {
    long sum = before;
    int at = start;
    for (; at + 8 <= end; at += 8) {
      long eight = bytes.getLong(at);
      sum += (eight >>> 32) + (eight & 0xffffffffL);
    }
    for (; at + 2 <= end; at += 2) {
      sum += bytes.getShort(at) & 0xffff;
    }
    return at < end ? sum + ((bytes.get(at) & 0xff) << 8) : sum;
  }

  private static int fold(long sum) {
    long folded = sum;
    while (folded >>> 16 != 0) {
      folded = (folded & 0xffff) + (folded >>> 16);
    }
    return (int) folded;
  }
}
