package io.nioring.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** A packet of a capture, whose lengths and checksums were found right. */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record CapturedPacket(
    long nanos,
    InetSocketAddress from,
    InetSocketAddress to,
    int sequence,
    int acknowledged,
    int flags,
    int window,
    int scale,
    byte[] payload,
    int payloadBytes,
    String comment,
    long lost,
    boolean isDatagram) {
  static final int FIN = 1;
  static final int SYN = 2;
  static final int RST = 4;
  static final int ACK = 16;

  private static final byte TCP = 6;
  private static final byte UDP = 17;

  /** The two ends, from the sender to the receiver. */
  record Flow(InetSocketAddress from, InetSocketAddress to) {
    Flow back() {
      return new Flow(to, from);
    }
  }

  Flow flow() {
    return new Flow(from, to);
  }

  boolean is(int flag) {
    return (flags & flag) != 0;
  }

  static CapturedPacket parse(long nanos, ByteBuffer ip, int original, String comment, long lost)
      throws UnknownHostException {
    boolean v4 = (ip.get(0) & 0xff) == 0x45;
    if (!v4) {
      assertThat(ip.get(0) >> 4).isEqualTo((byte) 6);
    }
    int header = v4 ? 20 : 40;
    assertThat(v4 ? ip.getShort(2) & 0xffff : 40 + (ip.getShort(4) & 0xffff)).isEqualTo(original);
    byte protocol = ip.get(v4 ? 9 : 6);
    assertThat(protocol).as("protocol").isIn(TCP, UDP);
    assertThat(ip.get(v4 ? 8 : 7)).as("time to live").isEqualTo((byte) 64);
    if (v4) {
      assertThat(fold(sum(ip, 0, 20))).as("IP checksum").isEqualTo(0xffff);
    }
    int address = v4 ? 4 : 16;
    int addresses = v4 ? 12 : 8;
    if (ip.limit() == original) {
      long pseudo = sum(ip, addresses, addresses + 2 * address) + protocol + (original - header);
      assertThat(fold(pseudo + sum(ip, header, ip.limit()))).as("checksum").isEqualTo(0xffff);
    }
    if (protocol == UDP) {
      return datagram(nanos, ip, original, comment, lost, header);
    }
    int tcp = header + 4 * ((ip.get(header + 12) & 0xff) >> 4);
    int flags = ip.get(header + 13);
    byte[] payload = new byte[Math.max(0, ip.limit() - tcp)];
    ip.slice(Math.min(tcp, ip.limit()), payload.length).get(payload);
    return new CapturedPacket(
        nanos,
        end(ip, addresses, address, header),
        end(ip, addresses + address, address, header + 2),
        ip.getInt(header + 4),
        ip.getInt(header + 8),
        flags,
        ip.getShort(header + 14) & 0xffff,
        (flags & SYN) != 0 ? ip.get(tcp - 1) : -1,
        payload,
        original - tcp,
        comment,
        lost,
        false);
  }

  private static CapturedPacket datagram(
      long nanos, ByteBuffer ip, int original, String comment, long lost, int header)
      throws UnknownHostException {
    int address = header == 20 ? 4 : 16;
    int addresses = header == 20 ? 12 : 8;
    int length = ip.getShort(header + 4) & 0xffff;
    assertThat(length).as("length of the datagram").isEqualTo(original - header);
    assertThat(ip.getShort(header + 6)).as("a checksum").isNotZero();
    byte[] payload = new byte[Math.max(0, ip.limit() - header - 8)];
    ip.slice(Math.min(header + 8, ip.limit()), payload.length).get(payload);
    return new CapturedPacket(
        nanos,
        end(ip, addresses, address, header),
        end(ip, addresses + address, address, header + 2),
        0,
        0,
        0,
        0,
        -1,
        payload,
        length - 8,
        comment,
        lost,
        true);
  }

  private static InetSocketAddress end(ByteBuffer ip, int at, int length, int port)
      throws UnknownHostException {
    byte[] address = new byte[length];
    ip.slice(at, length).get(address);
    return new InetSocketAddress(InetAddress.getByAddress(address), ip.getShort(port) & 0xffff);
  }

  private static long sum(ByteBuffer bytes, int start, int end) {
    long sum = 0;
    for (int i = start; i < end; i++) {
      sum += (long) (bytes.get(i) & 0xff) << ((i - start) % 2 == 0 ? 8 : 0);
    }
    return sum;
  }

  private static int fold(long sum) {
    long folded = sum;
    while (folded > 0xffff) {
      folded = (folded >> 16) + (folded & 0xffff);
    }
    return (int) folded;
  }
}
