package io.nioring.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The target of the pages: a terminal, whose size limits a page, or a file or pipe, which takes
 * whole pages.
 *
 * @param isTerminal whether a page can replace the one before
 * @param lines the most lines of a page
 * @param columns the most characters of a line
 */
record Screen(boolean isTerminal, int lines, int columns) {
  /** A page of any size. */
  static final Screen UNLIMITED = new Screen(false, Integer.MAX_VALUE, Integer.MAX_VALUE);

  private static final int DEFAULT_LINES = 24;
  private static final int DEFAULT_COLUMNS = 80;
  private static final Pattern SIZE = Pattern.compile("([1-9]\\d{0,4}) ([1-9]\\d{0,4})\\s*");

  // ECMA-48, which terminals understand unless TERM is "dumb".

  private static final String HOME = "\033[H";
  private static final String CLEAR_LINE = "\033[K";
  private static final String CLEAR_BELOW = "\033[J";
  private static final String BOLD = "\033[1m";
  private static final String PLAIN = "\033[0m";

  /** The present standard output; the user may resize a terminal at any time. */
  static Screen now() {
    if (!isTerminalConnected()) {
      return UNLIMITED;
    }
    String term = System.getenv("TERM");
    boolean isDumb = term == null || term.isEmpty() || term.equals("dumb");
    return sized(!isDumb, sizeOfTerminal());
  }

  /**
   * A screen of a size.
   *
   * @param size lines and columns, as stty(1) prints them; a common one is used if there are none
   */
  static Screen sized(boolean isTerminal, String size) {
    Matcher matcher = SIZE.matcher(size);
    return matcher.matches()
        ? new Screen(
            isTerminal, Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)))
        : new Screen(isTerminal, DEFAULT_LINES, DEFAULT_COLUMNS);
  }

  /** Whether the standard output is a terminal, which the JDK does not report by itself. */
  private static boolean isTerminalConnected() {
    try {
      return new ProcessBuilder("test", "-t", "1").inheritIO().start().waitFor() == 0;
    } catch (IOException e) {
      return false; // a system without test(1)
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static String sizeOfTerminal() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(new File("/dev/tty"))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      return ""; // no terminal controls this process, or there is no stty(1)
    }
  }

  /** The same with another limit of lines, and with pages that replace one another or not. */
  Screen with(Integer otherLines, boolean replaces) {
    return new Screen(isTerminal && replaces, otherLines == null ? lines : otherLines, columns);
  }

  /**
   * Formats a page.
   *
   * @param heading the parts of the heading, which is broken between two of them
   * @param table the lines below it, as many as there is room for
   */
  String page(List<String> heading, List<String> table) {
    List<String> title = broken(heading);
    int room = Math.max(1, lines - title.size() - 1); // the cursor stands below the last line
    boolean isWhole = table.size() <= room;
    List<String> shown = isWhole ? table : table.subList(0, Math.max(1, room - 1));
    StringBuilder text = new StringBuilder(isTerminal ? HOME : "");
    title.forEach(line -> append(text, isTerminal ? BOLD + line + PLAIN : line));
    shown.forEach(line -> append(text, cut(line)));
    if (!isWhole) {
      append(text, cut("… " + (table.size() - shown.size()) + " more lines"));
    }
    return text.append(isTerminal ? CLEAR_BELOW : "").toString();
  }

  private void append(StringBuilder text, String line) {
    text.append(line).append(isTerminal ? CLEAR_LINE : "").append(System.lineSeparator());
  }

  private List<String> broken(List<String> parts) {
    List<String> broken = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String part : parts) {
      if (line.length() > 0 && line.length() + 2 + part.length() > columns) {
        broken.add(line.toString());
        line.setLength(0);
      }
      line.append(line.length() == 0 ? "" : "  ").append(cut(part));
    }
    broken.add(line.toString());
    return broken;
  }

  private String cut(String line) {
    return line.codePointCount(0, line.length()) <= columns
        ? line
        : line.substring(0, line.offsetByCodePoints(0, columns));
  }
}
