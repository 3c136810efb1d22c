package io.nioring.observe;

import io.nioring.SocketEntry;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.stream.IntStream;

/**
 * Formats a table of sockets as {@code ss} does. An immutable value.
 *
 * <pre>{@code
 * STATE   RECV-Q  SEND-Q  LOCAL            PEER              ROUTE  CONN  AGE
 * ESTAB        0  262144  10.0.0.2:49153   10.0.0.7:5432     ring     17  2m04s
 * }</pre>
 */
public final class SocketListing {
  private static final List<String> HEADER =
      List.of("STATE", "RECV-Q", "SEND-Q", "LOCAL", "PEER", "ROUTE", "CONN", "AGE");

  /** Only in front of rows of several kinds, as ss does. */
  private static final String KIND_HEADER = "NETID";

  private static final String SEPARATOR = "  ";

  /** So many characters of a text have their place from the beginning. */
  private static final int MAX_EXPECTED = 1 << 20;

  private static final long[] UNITS = {1L << 40, 1L << 30, 1L << 20, 1L << 10};
  private static final String UNIT_NAMES = "TGMk";

  private final boolean listening;
  private final boolean all;
  private final boolean tcp;
  private final boolean unix;
  private final boolean udp;
  private final boolean internals;
  private final SocketFilter filter;

  private SocketListing(String letters, SocketFilter filter) {
    listening = letters.contains("l");
    all = letters.contains("a");
    udp = letters.contains("u");
    boolean streams = !udp && !letters.contains("t") && !letters.contains("x");
    tcp = streams || letters.contains("t");
    unix = streams || letters.contains("x");
    internals = letters.contains("i") || letters.contains("e") || letters.contains("p");
    this.filter = filter;
  }

  /**
   * Parses the options of {@code ss}, followed by its filter.
   *
   * @param options {@code -l} listening ones, {@code -a} all of them, else connected ones; {@code
   *     -t} TCP, {@code -x} Unix, {@code -u} UDP, by default the first two; {@code -i}, {@code -e}
   *     or {@code -p} a second line with traffic, memory and who waits; {@code -n} is accepted and
   *     has no effect, since names are never looked up; then a filter as in {@link SocketFilter}
   * @return the listing
   * @throws IllegalArgumentException if an option or a word is not known; the message names it
   */
  public static SocketListing parse(String options) {
    Objects.requireNonNull(options, "options");
    StringBuilder letters = new StringBuilder();
    String rest = options.strip();
    while (rest.startsWith("-")) {
      int end = rest.indexOf(' ');
      String word = end < 0 ? rest : rest.substring(0, end);
      letters.append(checked(word));
      rest = end < 0 ? "" : rest.substring(end).strip();
    }
    SocketFilter filter = SocketFilter.parse(rest);
    if (FilterParser.words(rest).contains("state")) {
      letters.append('a'); // a filter by state replaces the default states
    }
    return new SocketListing(letters.toString(), filter);
  }

  /**
   * As {@link #parse}, except that without options every socket is listed, as programs that read
   * rows expect.
   */
  static SocketListing parseRows(String options) {
    return parse(options.stripLeading().startsWith("-") ? options : "-a " + options);
  }

  private static String checked(String word) {
    if (!word.matches("-[latuxiepn]+")) {
      throw new IllegalArgumentException("Unknown option " + word + ", known are -latuxiepn");
    }
    return word.substring(1);
  }

  /**
   * Returns whether a socket is listed.
   *
   * @param socket a row of the table
   * @return whether the options and the filter match it
   */
  public boolean lists(SocketEntry socket) {
    return isOfKind(socket) && isOfState(socket) && filter.matches(socket);
  }

  private boolean isOfKind(SocketEntry socket) {
    return switch (kind(socket)) {
      case "udp" -> udp;
      case "tcp" -> tcp;
      default -> unix;
    };
  }

  /** The kind of a socket as ss names it: tcp, udp, u_str. */
  static String kind(SocketEntry socket) {
    if (socket.isDatagram()) {
      return "udp";
    }
    return socket.family().equals("unix") ? "u_str" : "tcp";
  }

  /** A socket for datagrams that has no peer counts as a listening one, as with ss. */
  private boolean isOfState(SocketEntry socket) {
    return switch (socket.state()) {
      case LISTEN -> all || listening;
      case UNCONN -> all || (listening && socket.isDatagram());
      default -> all || !listening;
    };
  }

  /**
   * Formats a table.
   *
   * @param sockets the rows, without those that the options exclude
   * @return the lines, each with its line separator
   */
  public String format(List<SocketEntry> sockets) {
    return format(sockets, Integer.MAX_VALUE);
  }

  /**
   * Formats the first rows of a table, with a line behind them if there are more.
   *
   * <p>It goes over the rows twice, and keeps none of them: what many rows refer to would be copied
   * by a collection, for which the collector stops all threads.
   */
  String format(List<SocketEntry> sockets, int most) {
    boolean kinds = udp && (tcp || unix);
    List<String> header = withKind(kinds, KIND_HEADER, HEADER);
    int[] widths = header.stream().mapToInt(String::length).toArray();
    int listed = 0;
    for (SocketEntry socket : sockets) {
      if (lists(socket) && listed++ < most) {
        widen(widths, withKind(kinds, kind(socket), cells(socket)));
      }
    }
    int shown = Math.min(listed, most);
    StringBuilder text = new StringBuilder(expectedLength(widths, shown + 1));
    append(text, header, widths, kinds ? 1 : 0);
    appendRows(text, sockets, shown, widths, kinds);
    return text.append(listed > most ? "and " + (listed - most) + " more\n" : "").toString();
  }

  private static int expectedLength(int[] widths, int lines) {
    long line =
        IntStream.of(widths).asLongStream().sum() + (long) widths.length * SEPARATOR.length();
    return (int) Math.min(MAX_EXPECTED, line * lines);
  }

  private void appendRows(
      StringBuilder text, List<SocketEntry> sockets, int rows, int[] widths, boolean kinds) {
    int left = rows;
    for (Iterator<SocketEntry> each = sockets.iterator(); left > 0 && each.hasNext(); ) {
      SocketEntry socket = each.next();
      if (lists(socket)) {
        append(text, withKind(kinds, kind(socket), cells(socket)), widths, kinds ? 1 : 0);
        appendDetails(text, socket);
        left--;
      }
    }
  }

  private void appendDetails(StringBuilder text, SocketEntry socket) {
    String details = internals ? details(socket) : "";
    if (!details.isEmpty()) {
      int start = text.length();
      text.append("        ").append(details);
      endLine(text, start);
    }
  }

  private static List<String> cells(SocketEntry socket) {
    return List.of(
        socket.state().label(),
        Long.toString(socket.receiveQueue()),
        Long.toString(socket.sendQueue()),
        socket.localAddress().map(SocketListing::text).orElse("*"),
        socket.remoteAddress().map(SocketListing::text).orElse("*"),
        socket.route(),
        socket.connection() == 0 ? "-" : Long.toString(socket.connection()),
        socket.age().map(SocketListing::text).orElse("-"));
  }

  private static List<String> withKind(boolean on, String kind, List<String> cells) {
    if (!on) {
      return cells;
    }
    List<String> all = new ArrayList<>(cells);
    all.add(0, kind);
    return all;
  }

  private static void widen(int[] widths, List<String> row) {
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.max(widths[i], row.get(i).length());
    }
  }

  private static void append(StringBuilder text, List<String> row, int[] widths, int first) {
    int start = text.length();
    for (int i = 0; i < widths.length; i++) {
      String cell = row.get(i);
      String padding = " ".repeat(widths[i] - cell.length());
      boolean isNumber = i == first + 1 || i == first + 2 || i == first + 6;
      text.append(i == 0 ? "" : SEPARATOR);
      text.append(isNumber ? padding : cell).append(isNumber ? cell : padding);
    }
    endLine(text, start);
  }

  /**
   * Ends a line, without the spaces at its end. Control characters are replaced, which would break
   * the line or control the terminal: names are chosen by the program.
   */
  private static void endLine(StringBuilder text, int start) {
    int end = text.length();
    while (end > start && text.charAt(end - 1) == ' ') {
      end--;
    }
    text.setLength(end);
    for (int i = start; i < end; i++) {
      if (Character.isISOControl(text.charAt(i))) {
        text.setCharAt(i, '?');
      }
    }
    text.append('\n');
  }

  /** The second line of a socket: traffic, memory, blocked threads. */
  private static String details(SocketEntry socket) {
    StringJoiner line = new StringJoiner(" ");
    if (socket.connection() != 0) {
      line.add("sent:" + size(socket.bytesSent())).add("rcvd:" + size(socket.bytesReceived()));
      line.add("cap:" + socket.sendCapacityBytes()).add("mem:" + socket.memoryBytes());
    }
    socket.lastSend().ifPresent(ago -> line.add("lastsnd:" + text(ago)));
    socket.lastReceive().ifPresent(ago -> line.add("lastrcv:" + text(ago)));
    socket
        .waitingThread()
        .ifPresent(
            thread ->
                line.add("wait:" + socket.waitingOperation().orElseThrow())
                    .add(socket.waitingTime().map(SocketListing::text).orElse("0ms"))
                    .add('"' + thread + '"'));
    if (socket.selector() != 0) {
      line.add("sel:#" + Integer.toHexString(socket.selector())).add(ops(socket.interestOps()));
      line.add("ready:" + ops(socket.readyOps()));
    }
    socket.options().forEach((name, value) -> line.add(name + "=" + value));
    socket.simulatedConnect().ifPresent(connect -> line.add("connect:" + connect));
    if (!socket.faults().isEmpty()) {
      line.add("fault:(" + socket.faults() + ')');
    }
    socket.openedBy().ifPresent(thread -> line.add("opened:\"" + thread + '"'));
    socket.openedAt().stream().findFirst().ifPresent(frame -> line.add("at:" + frame));
    return line.toString();
  }

  /**
   * Formats an address in numeric form, without a name lookup.
   *
   * @param address an address of a row
   * @return as {@code 10.0.0.7:5432}, {@code [::1]:80}, or a path
   */
  public static String text(SocketAddress address) {
    if (!(address instanceof InetSocketAddress ip) || ip.isUnresolved()) {
      return address.toString();
    }
    String host = ip.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + ip.getPort();
  }

  /** Formats a time as {@code ss} does: with the two largest units, or in milliseconds. */
  static String text(Duration time) {
    long seconds = time.toSeconds();
    if (seconds == 0) {
      return time.toMillis() + "ms";
    } else if (seconds < 60) {
      return String.format(Locale.ROOT, "%d.%ds", seconds, time.toMillisPart() / 100);
    } else if (seconds < 3600) {
      return String.format(Locale.ROOT, "%dm%02ds", seconds / 60, seconds % 60);
    }
    return String.format(Locale.ROOT, "%dh%02dm", seconds / 3600, seconds / 60 % 60);
  }

  private static String size(long bytes) {
    for (int i = 0; i < UNITS.length; i++) {
      if (bytes >= 10 * UNITS[i]) {
        return bytes / UNITS[i] + UNIT_NAMES.substring(i, i + 1);
      } else if (bytes >= UNITS[i]) {
        double value = (double) bytes / UNITS[i];
        return String.format(Locale.ROOT, "%.1f%c", value, UNIT_NAMES.charAt(i));
      }
    }
    return Long.toString(bytes);
  }

  /** The names of operations. */
  static String ops(int ops) {
    StringJoiner names = new StringJoiner("|");
    names.setEmptyValue("-");
    addIf(names, ops, SelectionKey.OP_READ, "READ");
    addIf(names, ops, SelectionKey.OP_WRITE, "WRITE");
    addIf(names, ops, SelectionKey.OP_CONNECT, "CONNECT");
    addIf(names, ops, SelectionKey.OP_ACCEPT, "ACCEPT");
    return names.toString();
  }

  private static void addIf(StringJoiner names, int ops, int bit, String name) {
    if ((ops & bit) != 0) {
      names.add(name);
    }
  }
}
