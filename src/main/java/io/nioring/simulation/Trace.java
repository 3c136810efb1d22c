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
 * the system chose count as one, and its number among the datagrams that are sent so. A line has
 * all of that, and what was decided:
 *
 * <pre>{@code
 * {"rule":"latency of the link","from":"client","to":"db","port":5432,"connection":1,
 *  "direction":"up","segment":3,"delayMillis":12.41}
 * }</pre>
 *
 * <p>Of a connect a line names the step in place of a segment. What a fault decides is the rule
 * {@code latency of a fault}, and {@code "fault"} is its text in the report. So the decisions for
 * the same bytes are the same in each run, though threads make them in another order: {@link
 * #hash()} does not depend on that order. A program that sends other bytes, or connects in another
 * order, has other decisions.
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

  /**
   * Records how late a segment or a step of a connect is.
   *
   * @param by what makes it late
   * @param k the segment, or the step if it is negative
   */
  void decidedDelay(Conditions by, Attempt of, String direction, long k, long nanos) {
    StringBuilder line = beginning("latency", by, of, direction);
    line.append(k < 0 ? ",\"step\":\"" + Connects.step(k) + '"' : ",\"segment\":" + k);
    add(line.append(",\"delayMillis\":").append(Latency.millis(nanos)).append('}').toString());
  }

  /** Records how long a slice is. */
  void decidedSlice(String rule, Attempt of, String direction, long k, long bytes) {
    StringBuilder line = beginning(rule, null, of, direction);
    line.append(",\"slice\":").append(k).append(",\"bytes\":").append(bytes);
    add(line.append('}').toString());
  }

  /**
   * Records whether a key is selected for nothing.
   *
   * @param k the segment, or the step if it is negative
   * @param operation what finds nothing
   */
  void decidedSpurious(Attempt of, String direction, long k, String operation, boolean happens) {
    StringBuilder line = beginning("spuriousReadiness", null, of, direction);
    if (k >= 0) {
      line.append(",\"segment\":").append(k);
    }
    line.append(",\"of\":\"").append(operation);
    add(line.append("\",\"happens\":").append(happens).append('}').toString());
  }

  private static StringBuilder beginning(String rule, Conditions by, Attempt of, String direction) {
    Connect connect = of.connect();
    return beginning(rule, by, connect.client(), connect.server())
        .append(",\"port\":")
        .append(connect.address().getPort())
        .append(",\"connection\":")
        .append(connect.number())
        .append(",\"direction\":\"")
        .append(direction)
        .append('"');
  }

  /**
   * Records that a datagram is late; a port is 0 if the system has chosen it.
   *
   * @param by what makes it late; null if the rule itself says that
   */
  void decidedDelay(String rule, Conditions by, Flow of, long number, long nanos) {
    StringBuilder line = beginning(rule, by, of, number);
    add(line.append(",\"delayMillis\":").append(Latency.millis(nanos)).append('}').toString());
  }

  /** Records whether something happens to a datagram. */
  void decided(String rule, Conditions by, Flow of, long number, boolean happens) {
    StringBuilder line = beginning(rule, by, of, number);
    add(line.append(",\"happens\":").append(happens).append('}').toString());
  }

  private static StringBuilder beginning(String rule, Conditions by, Flow of, long number) {
    return beginning(rule, by, of.from(), of.to())
        .append(",\"ports\":\"")
        .append(port(of.sourcePort()))
        .append('>')
        .append(port(of.port()))
        .append("\",\"datagram\":")
        .append(number);
  }

  private static String port(int port) {
    return port == 0 ? "any" : Integer.toString(port);
  }

  private static StringBuilder beginning(String rule, Conditions by, RingHost from, RingHost to) {
    StringBuilder line = new StringBuilder("{\"rule\":\"").append(rule);
    if (by != null && by.fault == null) {
      line.append(" of the link");
    }
    if (by != null && by.fault != null) {
      line.append(" of a fault\",\"fault\":\"").append(escaped(by.fault));
    }
    return line.append("\",\"from\":\"")
        .append(escaped(from.name()))
        .append("\",\"to\":\"")
        .append(escaped(to.name()))
        .append('"');
  }

  private synchronized void add(String line) {
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
