import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * Draws what a terminal shows, or the socket events of a recording, as SVG: {@code java
 * Drawing.java terminal < text}, {@code java Drawing.java recording FILE}.
 */
public final class Drawing {
  private static final int LINE = 17;
  private static final double COLUMN = 7.85;
  private static final String BOLD = "\033[1m";
  private static final String PLAIN = "\033[0m";

  private static final int WIDTH = 1000;
  private static final int LEFT = 330;
  private static final int LANE = 26;

  private Drawing() {}

  public static void main(String[] args) throws IOException {
    if (args.length == 1 && args[0].equals("terminal")) {
      String text = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
      System.out.print(terminal(text));
    } else if (args.length == 2 && args[0].equals("recording")) {
      System.out.print(recording(Path.of(args[1])));
    } else {
      System.err.println("usage: Drawing terminal < TEXT | Drawing recording FILE");
      System.exit(2);
    }
  }

  /** The last page, with the one attribute that the command line uses. */
  private static String terminal(String text) {
    String page = text.substring(text.lastIndexOf("\033[J") + 1).replaceFirst("^\\[J", "");
    List<String> lines = page.lines().toList();
    int columns = lines.stream().mapToInt(line -> bare(line).length()).max().orElse(1);
    int width = (int) (columns * COLUMN) + 24;
    StringBuilder svg = svg(width, lines.size() * LINE + 20);
    svg.append("<rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"#1e2127\"/>\n");
    svg.append("<g font-family=\"monospace\" font-size=\"13\" fill=\"#d7dae0\">\n");
    for (int i = 0; i < lines.size(); i++) {
      String style = lines.get(i).startsWith(BOLD) ? " font-weight=\"bold\" fill=\"#fff\"" : "";
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x=\"12\" y=\"%d\" xml:space=\"preserve\" textLength=\"%.0f\"%s>%s</text>%n",
              22 + i * LINE,
              bare(lines.get(i)).length() * COLUMN,
              style,
              escaped(bare(lines.get(i)))));
    }
    return svg.append("</g>\n</svg>\n").toString();
  }

  private static String bare(String line) {
    return line.replace(BOLD, "").replace(PLAIN, "");
  }

  /** The events of one kind at one address. */
  private static final class Row {
    final List<RecordedEvent> events = new ArrayList<>();
    long bytes;
    Duration total = Duration.ZERO;
    Duration longest = Duration.ZERO;

    void add(RecordedEvent event, String field) {
      events.add(event);
      bytes += event.getLong(field);
      total = total.plus(event.getDuration());
      longest = event.getDuration().compareTo(longest) > 0 ? event.getDuration() : longest;
    }
  }

  private static String recording(Path file) throws IOException {
    Map<String, Row> rows = new TreeMap<>();
    List<RecordedEvent> all = RecordingFile.readAllEvents(file);
    for (RecordedEvent event : all) {
      boolean isRead = event.getEventType().getName().equals("jdk.SocketRead");
      if (isRead || event.getEventType().getName().equals("jdk.SocketWrite")) {
        String key = event.getString("address") + ":" + event.getInt("port");
        rows.computeIfAbsent((isRead ? "read from " : "write to ") + key, k -> new Row())
            .add(event, isRead ? "bytesRead" : "bytesWritten");
      }
    }
    Instant last =
        all.stream().map(RecordedEvent::getEndTime).max(Comparator.naturalOrder()).orElseThrow();
    return draw(rows, last.minusSeconds(3));
  }

  /** A row each: address, count, sums; and its events in three seconds, as JMC has its lanes. */
  private static String draw(Map<String, Row> rows, Instant from) {
    int height = 70 + rows.size() * LANE;
    StringBuilder svg = svg(WIDTH, height);
    svg.append("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
    svg.append("<g font-family=\"sans-serif\" font-size=\"12\" fill=\"#222\">\n");
    text(svg, 10, 20, "Socket I/O: count, bytes, total, longest by remote address; lanes of 3 s");
    int y = 50;
    for (Map.Entry<String, Row> each : rows.entrySet()) {
      Row row = each.getValue();
      text(svg, 10, y, each.getKey());
      text(
          svg,
          185,
          y,
          String.format(
              Locale.ROOT,
              "%d  %.1f MB  %.1f s  %d ms",
              row.events.size(),
              row.bytes / 1e6,
              row.total.toMillis() / 1e3,
              row.longest.toMillis()));
      lane(svg, row, from, y, each.getKey().startsWith("read") ? "#3b7dd8" : "#d8743b");
      y += LANE;
    }
    for (int second = 0; second <= 3; second++) {
      text(svg, x(second * 1e3), y, second + " s");
    }
    return svg.append("</g>\n</svg>\n").toString();
  }

  private static void lane(StringBuilder svg, Row row, Instant from, int y, String colour) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"18\" fill=\"#f1f3f5\"/>%n",
            LEFT + 40,
            y - 13,
            WIDTH - LEFT - 60));
    for (RecordedEvent event : row.events) {
      double start = Duration.between(from, event.getStartTime()).toNanos() / 1e6;
      double millis = event.getDuration().toNanos() / 1e6;
      if (start >= 0) {
        svg.append(
            String.format(
                Locale.ROOT,
                "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"14\" fill=\"%s\""
                    + " fill-opacity=\".6\"/>%n",
                x(start),
                y - 11,
                Math.max(1, x(start + millis) - x(start)),
                colour));
      }
    }
  }

  private static double x(double millis) {
    return LEFT + 40 + Math.min(1, millis / 3000) * (WIDTH - LEFT - 60);
  }

  private static void text(StringBuilder svg, double x, int y, String text) {
    svg.append(
        String.format(
            Locale.ROOT, "<text x=\"%.0f\" y=\"%d\">%s</text>%n", x, y, escaped(text)));
  }

  private static StringBuilder svg(int width, int height) {
    return new StringBuilder()
        .append("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"")
        .append(width)
        .append("\" height=\"")
        .append(height)
        .append("\">\n");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
