package io.nioring.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A chart of horizontal bars on a logarithmic axis, drawn as SVG. A bar ends at the median; the
 * thin line across its end reaches from the lowest to the highest figure.
 */
final class BarChart {
  /**
   * One bar.
   *
   * @param label names it
   * @param figures its end and its error line
   * @param ours whether it is drawn in the colour of the rings
   */
  record Bar(String label, Spread figures, boolean ours) {}

  private record Group(String heading, List<Bar> bars) {}

  private static final int WIDTH = 860;
  private static final int LEFT = 150;
  private static final int BAR_AREA = 560;
  private static final int TOP = 64;
  private static final int BAR_HEIGHT = 18;
  private static final int BAR_STEP = 22;
  private static final int GROUP_GAP = 30;
  private static final String OUR_COLOUR = "#0b7a75";
  private static final String THEIR_COLOUR = "#9aa5b1";

  private final String title;
  private final String subtitle;
  private final List<Group> groups = new ArrayList<>();

  BarChart(String title, String subtitle) {
    this.title = title;
    this.subtitle = subtitle;
  }

  void addGroup(String heading, List<Bar> bars) {
    groups.add(new Group(heading, bars));
  }

  String toSvg() {
    double lowest = bars().mapToDouble(bar -> bar.figures().low()).min().orElse(1);
    double highest = bars().mapToDouble(bar -> bar.figures().high()).max().orElse(10);
    Axis axis = new Axis(Math.floor(Math.log10(lowest * 0.7)), Math.ceil(Math.log10(highest)));
    int height =
        TOP + groups.stream().mapToInt(g -> GROUP_GAP + g.bars().size() * BAR_STEP).sum() + 36;

    StringBuilder svg = new StringBuilder();
    append(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\""
            + " font-family=\"sans-serif\" font-size=\"13\">",
        WIDTH,
        height,
        WIDTH);
    append(svg, "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>", WIDTH, height);
    append(svg, "<text x=\"16\" y=\"26\" font-size=\"18\">%s</text>", escape(title));
    append(svg, "<text x=\"16\" y=\"46\" fill=\"#52606d\">%s</text>", escape(subtitle));
    appendGrid(svg, axis, height - 36);
    int y = TOP;
    for (Group group : groups) {
      append(
          svg,
          "<text x=\"16\" y=\"%d\" font-weight=\"bold\">%s</text>",
          y + GROUP_GAP - 10,
          escape(group.heading()));
      y += GROUP_GAP;
      for (Bar bar : group.bars()) {
        appendBar(svg, axis, bar, y);
        y += BAR_STEP;
      }
    }
    return svg.append("</svg>\n").toString();
  }

  private Stream<Bar> bars() {
    return groups.stream().flatMap(group -> group.bars().stream());
  }

  private static void appendGrid(StringBuilder svg, Axis axis, int bottom) {
    for (double power = axis.from(); power <= axis.to(); power++) {
      double x = axis.x(Math.pow(10, power));
      append(
          svg,
          "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#e4e7eb\"/>",
          x,
          TOP,
          x,
          bottom);
      append(
          svg,
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#52606d\">%s</text>",
          x,
          bottom + 18,
          powerOfTen((int) power));
    }
  }

  private static void appendBar(StringBuilder svg, Axis axis, Bar bar, int y) {
    double low = axis.x(bar.figures().low());
    double end = axis.x(bar.figures().median());
    double high = axis.x(bar.figures().high());
    double middle = y + BAR_HEIGHT / 2.0;
    append(
        svg,
        "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
        LEFT - 8,
        middle + 5,
        escape(bar.label()));
    append(
        svg,
        "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
        LEFT,
        y,
        end - LEFT,
        BAR_HEIGHT,
        bar.ours() ? OUR_COLOUR : THEIR_COLOUR);
    append(
        svg,
        "<path d=\"M%.1f %.1fH%.1fM%.1f %.1fv8M%.1f %.1fv8\" stroke=\"#1f2933\" fill=\"none\"/>",
        low,
        middle,
        high,
        low,
        middle - 4,
        high,
        middle - 4);
    append(
        svg,
        "<text x=\"%.1f\" y=\"%.1f\">%s</text>",
        high + 6,
        middle + 5,
        figure(bar.figures().median()));
  }

  private static void append(StringBuilder svg, String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }

  private static String powerOfTen(int exponent) {
    String format = exponent >= 0 ? "%,.0f" : "%." + -exponent + "f";
    return String.format(Locale.ROOT, format, Math.pow(10, exponent));
  }

  private static String figure(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%,.0f", value);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** The powers of ten at the two ends of the axis. */
  private record Axis(double from, double to) {
    double x(double value) {
      return LEFT + BAR_AREA * (Math.log10(value) - from) / (to - from);
    }
  }
}
