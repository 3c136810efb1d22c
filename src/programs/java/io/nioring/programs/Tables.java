package io.nioring.programs;

import java.util.List;
import java.util.Locale;

/** The results as tables in Markdown. */
final class Tables {
  private static final List<Wire> OTHERS = List.of(Wire.RING, Wire.HYBRID, Wire.LOCAL);

  private Tables() {}

  /**
   * How many times as fast as the platform's sockets each is, and the shares of processor time and
   * of the 99th percentile.
   */
  static String rates(List<Result> results) {
    StringBuilder text =
        new StringBuilder(
            """
            | program | platform/s | us each | `ring` | CPU | p99 | `hybrid` | CPU | p99 | `LocalChannel` |
            |---|---|---|---|---|---|---|---|---|---|
            """);
    for (Result result : results) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %,.0f | %.1f |",
              result.program().text(),
              result.median(Wire.PLATFORM, Slice::rate),
              result.median(Wire.PLATFORM, Slice::processorMicros)));
      for (Wire wire : List.of(Wire.RING, Wire.HYBRID)) {
        text.append(
            String.format(
                Locale.ROOT,
                " %s | %.2f | %.2f |",
                result.ratio(wire, Slice::rate),
                result.ratio(wire, Slice::processorMicros).median(),
                result.ratio(wire, Slice::p99Nanos).median()));
      }
      text.append(
          result.wires().contains(Wire.LOCAL)
              ? " " + result.ratio(Wire.LOCAL, Slice::rate) + " |"
              : " |");
      text.append('\n');
    }
    return text.toString();
  }

  /** How long a virtual machine takes to its 1,000th operation, and in relation to the platform. */
  static String starts(List<Result> results) {
    StringBuilder text =
        new StringBuilder(
            """
            | program | platform, s | `ring` | `hybrid` | `LocalChannel` |
            |---|---|---|---|---|
            """);
    for (Result result : results) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %.2f |",
              result.program().text(),
              result.median(Wire.PLATFORM, Slice::seconds)));
      for (Wire wire : OTHERS) {
        text.append(
            result.wires().contains(wire) ? " " + result.ratio(wire, Slice::seconds) + " |" : " |");
      }
      text.append('\n');
    }
    return text.toString();
  }
}
