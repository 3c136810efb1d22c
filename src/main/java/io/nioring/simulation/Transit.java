package io.nioring.simulation;

import java.util.ArrayList;
import java.util.LinkedList;
import java.util.List;

/**
 * The model of one direction: what is on its way, and when it arrives. Guarded by the world's lock.
 *
 * <p>Bytes are sent in pieces: up to the end of their segment, and smaller ones for a small
 * bandwidth. A piece leaves when the bandwidths admit its last byte, is delayed by what its segment
 * has drawn for losses and latency, and never overtakes what was sent before.
 */
final class Transit {
  /** What arrives. */
  enum Kind {
    BYTES,
    /** The end of the stream. */
    FIN,
    /** The end of the connection. */
    RST
  }

  /**
   * Something on its way.
   *
   * @param end the offset in the stream behind its last byte
   * @param at when it arrives
   */
  record Entry(Kind kind, long end, long at) {}

  /** What the model asks for a segment. */
  interface Chance {
    /**
     * The random bits for a rule and a segment.
     *
     * @param rule the rule's name
     * @param k the segment's number
     */
    long bits(String rule, long k);

    /**
     * Records how late a segment is by some conditions, once for each of both.
     *
     * @param nanos how late
     */
    void decided(Conditions of, long k, long nanos);
  }

  /** One source of conditions with what it has of this direction. */
  private static final class Influence {
    final Conditions conditions;
    final int place;
    final Rate rate;
    long decidedTo = -1;

    Influence(Conditions conditions, int place) {
      this.conditions = conditions;
      this.place = place;
      this.rate = conditions.rateOfDirection();
    }
  }

  static final long FIRST_RETRANSMISSION_NANOS = 200_000_000;
  private static final int MOST_LOSSES = 8;

  /** A list of nodes: an {@link java.util.ArrayDeque} that cannot grow loses what it has. */
  @SuppressWarnings("JdkObsolete")
  private final LinkedList<Entry> entries = new LinkedList<>();

  private final int segmentBytes;
  private final Chance chance;
  private List<Influence> influences = List.of();
  private long lastAt;

  /** The offset behind the last byte that was sent. */
  private long sent;

  Transit(int segmentBytes, Chance chance) {
    this.segmentBytes = segmentBytes;
    this.chance = chance;
  }

  /** Sets the conditions from now on, the link's first. */
  void under(List<Conditions> all) {
    List<Influence> next = new ArrayList<>(all.size());
    for (int i = 0; i < all.size(); i++) {
      next.add(same(all.get(i), i));
    }
    influences = next;
  }

  /** What is paid for bytes stays paid while the bandwidth stays. */
  private Influence same(Conditions conditions, int place) {
    Influence fresh = new Influence(conditions, place);
    for (Influence each : influences) {
      if (each.conditions == conditions && sameRate(each.rate, fresh.rate)) {
        return each;
      }
    }
    return fresh;
  }

  private static boolean sameRate(Rate a, Rate b) {
    return a == b || (a != null && b != null && a.bandwidth() == b.bandwidth());
  }

  /** Sends bytes. */
  void addBytes(long from, long to, long now) {
    int piece = pieceBytes();
    long at = from;
    while (at < to) {
      long end = piece == 0 ? to : Math.min(to, (at / piece + 1) * piece);
      if (piece != 0) {
        end = Math.min(end, (at / segmentBytes + 1) * segmentBytes);
      }
      add(Kind.BYTES, end, leaves(now, end - at) + late(at / segmentBytes));
      at = end;
    }
  }

  /** Sends an end behind the last byte. */
  void addEnd(Kind kind, long tail, long now) {
    long delay = 0;
    for (Influence each : influences) {
      delay += each.conditions.closeDelay;
    }
    add(kind, tail, now + delay + late(tail / segmentBytes));
  }

  private void add(Kind kind, long end, long at) {
    lastAt = Math.max(lastAt, at);
    Entry last = entries.peekLast();
    Entry added = new Entry(kind, end, lastAt);
    if (last != null && last.kind == Kind.BYTES && kind == Kind.BYTES && last.at == lastAt) {
      entries.set(entries.size() - 1, added);
    } else {
      entries.add(added);
    }
    if (kind == Kind.BYTES) {
      sent = end;
    }
  }

  /**
   * The offset behind the last byte that was sent; it lies before a failure of {@link #addBytes}.
   */
  long sentBytes() {
    return sent;
  }

  /** 0 if all bytes of a write have the same fate. */
  private int pieceBytes() {
    int piece = 0;
    for (Influence each : influences) {
      if (each.rate != null) {
        int fine = each.rate.pieceBytes(segmentBytes);
        piece = piece == 0 ? fine : Math.min(piece, fine);
      } else if (each.conditions.latency.isRandom() || each.conditions.loss > 0) {
        piece = piece == 0 ? segmentBytes : piece;
      }
    }
    return piece;
  }

  private long leaves(long now, long count) {
    long at = now;
    for (Influence each : influences) {
      if (each.rate != null) {
        at = Math.max(at, each.rate.send(at, count));
      }
    }
    return at;
  }

  /** The delay of a segment. */
  private long late(long k) {
    long sum = 0;
    for (Influence each : influences) {
      long loss = each.conditions.loss > 0 ? lossDelay(each, k) : 0;
      long latency = latency(each, k);
      boolean chosen = each.conditions.loss > 0 || each.conditions.latency.isRandom();
      if (chosen && k > each.decidedTo) {
        each.decidedTo = k;
        chance.decided(each.conditions, k, loss + latency);
      }
      sum += loss + latency;
    }
    return sum;
  }

  private long latency(Influence of, long k) {
    Latency latency = of.conditions.latency;
    return latency.nanosOf(latency.isRandom() ? chance.bits("latency" + of.place, k) : 0);
  }

  /** After 200 ms, 400 ms and so on the segment is sent again. */
  private long lossDelay(Influence of, long k) {
    long bits = chance.bits("loss" + of.place, k);
    long delay = 0;
    for (int i = 0; i < MOST_LOSSES && Draws.happens(bits, of.conditions.loss); i++) {
      delay += FIRST_RETRANSMISSION_NANOS << i;
      bits = Draws.mix(bits, i);
    }
    return delay;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** When the first arrives; there is one. */
  long nextAt() {
    return entries.element().at;
  }

  /** Takes the first out if it is due; null if none is. */
  Entry arriving(long now) {
    Entry first = entries.peek();
    return first == null || first.at > now ? null : entries.remove();
  }

  /** As above; of bytes beyond an offset only those before it, the others stay. */
  Entry arriving(long now, long upTo) {
    Entry first = entries.peek();
    return first != null && first.at <= now && first.kind == Kind.BYTES && first.end > upTo
        ? new Entry(Kind.BYTES, upTo, first.at)
        : arriving(now);
  }

  /**
   * Lets bytes pass that are on their way, whenever they are due.
   *
   * @param upTo the offset to which
   */
  Entry passing(long upTo, long now) {
    Entry first = entries.peek();
    if (first == null) {
      return null;
    }
    if (first.end <= upTo) {
      return entries.remove();
    }
    return first.kind == Kind.BYTES ? new Entry(Kind.BYTES, upTo, now) : null;
  }

  /** Forgets ends that are on their way: they are lost. */
  void dropEnds() {
    entries.removeIf(entry -> entry.kind != Kind.BYTES);
  }

  boolean hasEnd() {
    Entry last = entries.peekLast();
    return last != null && last.kind != Kind.BYTES;
  }

  void clear() {
    entries.clear();
  }
}
