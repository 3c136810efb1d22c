package io.nioring.simulation;

import java.util.LinkedList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;

/**
 * The random decisions of a {@link Simulation}, as lines of JSON.
 *
 * <p>Each decision is a function of the seed, the rule, the client's host, the server's host and
 * port, the number of the connection among those of this triple, the direction, and the number of
 * the segment or slice in the stream; for a datagram of the two hosts and ports, where those that
 * the system chose count as one, and its number among the datagrams that are sent so. So the
 * decisions for the same bytes are the same in each run, though threads make them in another order:
 * {@link #hash()} does not depend on that order. A program that sends other bytes, or connects in
 * another order, has other decisions.
 *
 * <p>Safe for use by many threads.
 */
public final class Trace {
  private static final int MOST_LINES = 100_000;

  // Guarded by this object's monitor.

  /** A list of nodes: an {@link java.util.ArrayDeque} that cannot grow loses what it has. */
  @SuppressWarnings("JdkObsolete")
  private final Queue<String> lines = new LinkedList<>();

  private long count;
  private long sumA;
  private long sumB;

  Trace() {}

  /** Takes note of a decision. */
  synchronized void decided(String rule, Attempt of, String direction, long k, String value) {
    String line =
        "{\"rule\":\""
            + rule
            + "\",\"from\":\""
            + escaped(of.connect().client().name())
            + "\",\"to\":\""
            + escaped(of.connect().server().name())
            + "\",\"port\":"
            + of.connect().address().getPort()
            + ",\"connection\":"
            + of.connect().number()
            + ",\"direction\":\""
            + direction
            + "\",\"k\":"
            + k
            + ",\"value\":"
            + value
            + "}";
    add(line);
  }

  /** Takes note of a decision about a datagram; a port is 0 if the system has chosen it. */
  synchronized void decided(String rule, Flow of, long k, long value) {
    add(
        "{\"rule\":\""
            + rule
            + "\",\"from\":\""
            + escaped(of.from().name())
            + "\",\"to\":\""
            + escaped(of.to().name())
            + "\",\"datagrams\":\""
            + of.sourcePort()
            + ">"
            + of.port()
            + "\",\"k\":"
            + k
            + ",\"value\":"
            + value
            + "}");
  }

  private void add(String line) {
    lines.add(line); // first: what it says and its hash are of the same decisions
    count++;
    sumA += Draws.mix(1, line);
    sumB += Draws.mix(2, line);
    if (lines.size() > MOST_LINES) {
      lines.remove();
    }
  }

  private static String escaped(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ') {
        safe.append(String.format("\\u%04x", (int) c));
      } else {
        safe.append(c == '"' || c == '\\' ? "\\" : "").append(c);
      }
    }
    return safe.toString();
  }

  /** {@return how many decisions were made} */
  public synchronized long size() {
    return count;
  }

  /** {@return the latest decisions, oldest first, a line of JSON each, 100,000 at most} */
  public synchronized List<String> lines() {
    return List.copyOf(lines);
  }

  /** {@return a hash of all decisions, whatever their order: 32 hexadecimal digits} */
  public synchronized String hash() {
    return String.format("%016x%016x", Draws.mix(sumA, count), Draws.mix(sumB, count));
  }

  /**
   * Compares the decisions of two runs, whatever their order.
   *
   * @param other the other run's
   * @return a description of the first decision, in the order of the lines' text, that one has and
   *     the other has not; empty if they are the same
   */
  public Optional<String> firstDifference(Trace other) {
    if (hash().equals(other.hash())) {
      return Optional.empty();
    }
    List<String> ours = lines().stream().sorted().toList();
    List<String> theirs = other.lines().stream().sorted().toList();
    for (int i = 0; i < Math.max(ours.size(), theirs.size()); i++) {
      String one = i < ours.size() ? ours.get(i) : "nothing";
      String two = i < theirs.size() ? theirs.get(i) : "nothing";
      if (!one.equals(two)) {
        return Optional.of(one + " in one, " + two + " in the other");
      }
    }
    return Optional.of(size() + " decisions in one, " + other.size() + " in the other");
  }

  @Override
  public String toString() {
    return "Trace[" + size() + " decisions, hash=" + hash() + "]";
  }
}
