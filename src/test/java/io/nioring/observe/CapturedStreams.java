package io.nioring.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.observe.CapturedPacket.Flow;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The streams of a capture without losses, put together again in file order: no byte may be
 * missing, come twice, or be acknowledged before it was there.
 */
final class CapturedStreams {
  /** One direction. */
  static final class Stream {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean begun;
    private int first;
    private int next;
    private int acknowledged;
    private boolean acknowledgedKnown;
    private boolean synced;
    private boolean finished;
    private boolean finishAcknowledged;
    private boolean reset;
    private int packets;

    byte[] bytes() {
      return bytes.toByteArray();
    }

    boolean synced() {
      return synced;
    }

    boolean finished() {
      return finished;
    }

    /** Whether its end was acknowledged. */
    boolean finishAcknowledged() {
      return finishAcknowledged;
    }

    boolean reset() {
      return reset;
    }

    /** The initial sequence number. */
    int first() {
      return first;
    }

    int packets() {
      return packets;
    }

    /** How many of its bytes were acknowledged. */
    long acknowledgedBytes() {
      return (acknowledged - first - 1 - (finishAcknowledged ? 1 : 0)) & 0xffffffffL;
    }
  }

  private final Map<Flow, Stream> streams = new HashMap<>();

  private CapturedStreams() {}

  static CapturedStreams of(List<CapturedPacket> packets) {
    CapturedStreams all = new CapturedStreams();
    long last = Long.MIN_VALUE;
    for (CapturedPacket packet : packets) {
      assertThat(packet.nanos()).as("time").isGreaterThanOrEqualTo(last);
      last = packet.nanos();
      if (!packet.isDatagram()) {
        all.take(packet);
      }
    }
    return all;
  }

  Stream stream(Object from, Object to) {
    Stream found = streams.get(new Flow((InetSocketAddress) from, (InetSocketAddress) to));
    assertThat(found).as("stream from %s to %s among %s", from, to, streams.keySet()).isNotNull();
    return found;
  }

  Map<Flow, Stream> all() {
    return streams;
  }

  private void take(CapturedPacket packet) {
    Stream out = streams.computeIfAbsent(packet.flow(), flow -> new Stream());
    Stream back = streams.computeIfAbsent(packet.flow().back(), flow -> new Stream());
    assertThat(out.reset || back.reset).as("a packet behind a reset: %s", packet).isFalse();
    out.packets++;
    if (packet.is(CapturedPacket.SYN)) {
      assertThat(out.begun).as("a second SYN: %s", packet).isFalse();
      out.begun = true;
      out.synced = true;
      out.first = packet.sequence();
      out.next = packet.sequence() + 1;
      out.acknowledged = out.next;
      out.acknowledgedKnown = true;
    } else if (!out.begun) { // from the middle
      out.begun = true;
      out.first = packet.sequence() - 1;
      out.next = packet.sequence();
    }
    if (!packet.is(CapturedPacket.SYN) && !refuses(packet)) {
      assertThat(packet.sequence()).as("sequence of %s", packet).isEqualTo(out.next);
    }
    if (packet.payload().length > 0) {
      assertThat(out.finished).as("data behind the end: %s", packet).isFalse();
      out.bytes.writeBytes(packet.payload());
      out.next += packet.payload().length;
    }
    if (packet.is(CapturedPacket.FIN)) {
      assertThat(out.finished).as("a second FIN: %s", packet).isFalse();
      out.finished = true;
      out.next++;
    }
    if (packet.is(CapturedPacket.ACK)) {
      acknowledge(back, packet);
    }
    out.reset = packet.is(CapturedPacket.RST);
  }

  private static boolean refuses(CapturedPacket packet) {
    return packet.is(CapturedPacket.RST) && packet.sequence() == 0;
  }

  private static void acknowledge(Stream back, CapturedPacket packet) {
    if (!back.begun) {
      return;
    }
    assertThat(packet.acknowledged() - back.next)
        .as("acknowledged before it was sent: %s", packet)
        .isLessThanOrEqualTo(0);
    if (back.acknowledgedKnown) {
      assertThat(packet.acknowledged() - back.acknowledged)
          .as("an acknowledgement taken back: %s", packet)
          .isGreaterThanOrEqualTo(0);
    }
    back.acknowledgedKnown = true;
    back.acknowledged = packet.acknowledged();
    back.finishAcknowledged = back.finished && back.acknowledged == back.next;
  }
}
