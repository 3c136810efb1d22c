package io.nioring.observe;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * Builds the headers of one packet after another: IPv4 or IPv6 (RFC 791, 8200), followed by the
 * header of a transport protocol, which the caller fills in, and its checksum (RFC 1071).
 *
 * <p>Both addresses are of one family: an IPv4 address beside an IPv6 one is written in its
 * IPv4-mapped form. Used by one thread at a time, since it has one buffer for all headers.
 */
final class IpPacket {
  static final int IPV4_BYTES = 20;
  static final int IPV6_BYTES = 40;

  private static final int MOST_BYTES = 100;
  private static final int TTL = 64;
  private static final int CHECKSUM_IN_IPV4 = 10;
  private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff};

  private final ByteBuffer header = ByteBuffer.allocate(MOST_BYTES);
  private byte[] source;
  private byte[] destination;
  private byte protocol;
  private int start;
  private int identification;

  /** Whether packets between two addresses are of IPv4. */
  static boolean isIpv4(InetSocketAddress from, InetSocketAddress to) {
    return from.getAddress().getAddress().length == 4 && to.getAddress().getAddress().length == 4;
  }

  /**
   * Begins a packet: writes the header of IP.
   *
   * @param transport the number of the transport protocol
   * @param segmentBytes the length of its header and of the payload
   * @return the headers, whose position is behind that of IP
   */
  ByteBuffer begin(InetSocketAddress from, InetSocketAddress to, byte transport, int segmentBytes) {
    source = from.getAddress().getAddress();
    destination = to.getAddress().getAddress();
    protocol = transport;
    if (source.length != destination.length) {
      source = mapped(from.getAddress());
      destination = mapped(to.getAddress());
    }
    header.clear();
    if (source.length == 4) {
      putIpv4(segmentBytes);
    } else {
      putIpv6(segmentBytes);
    }
    start = header.position();
    return header;
  }

  private static byte[] mapped(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == 16 ? bytes : ByteBuffer.allocate(16).put(MAPPED).put(bytes).array();
  }

  private void putIpv4(int segmentBytes) {
    header.put((byte) 0x45).put((byte) 0); // version 4, five words of header
    header.putShort((short) (IPV4_BYTES + segmentBytes));
    header.putShort((short) identification++);
    header.putShort((short) 0x4000); // not to be fragmented
    header.put((byte) TTL).put(protocol);
    header.putShort((short) 0);
    header.put(source).put(destination);
    header.putShort(CHECKSUM_IN_IPV4, (short) ~fold(sum(0, header, 0, IPV4_BYTES)));
  }

  private void putIpv6(int segmentBytes) {
    header.putInt(0x60000000); // version 6, no class, no flow label
    header.putShort((short) segmentBytes);
    header.put(protocol).put((byte) TTL);
    header.put(source).put(destination);
  }

  /**
   * Computes the checksum of the transport protocol, whose own field is 0 yet.
   *
   * @param payload the payload; its position stays
   */
  short checksum(ByteBuffer payload) {
    int segmentBytes = header.position() - start + payload.remaining();
    long sum = protocol + (long) (segmentBytes >>> 16) + (segmentBytes & 0xffff);
    sum = sum(sum, ByteBuffer.wrap(source), 0, source.length);
    sum = sum(sum, ByteBuffer.wrap(destination), 0, destination.length);
    sum = sum(sum, header, start, header.position());
    sum = sum(sum, payload, payload.position(), payload.limit());
    return (short) ~fold(sum);
  }

  /**
   * Writes the checksum, which ends the headers.
   *
   * @param offset where it is in the header of the transport protocol
   * @return the headers, valid until the next packet begins
   */
  ByteBuffer end(int offset, short checksum) {
    return header.putShort(start + offset, checksum).flip();
  }

  /** Cuts a packet to the most bytes that are kept of it. */
  static void cut(ByteBuffer headers, ByteBuffer payload, int snapBytes) {
    if (headers.remaining() + payload.remaining() > snapBytes) {
      headers.limit(Math.min(headers.limit(), snapBytes));
      payload.limit(Math.max(0, snapBytes - headers.remaining()));
    }
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
