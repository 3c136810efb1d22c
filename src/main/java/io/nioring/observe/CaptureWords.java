package io.nioring.observe;

import java.math.BigInteger;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Parses the text that describes a capture: the file and then, each after a comma, options and
 * words of a filter.
 *
 * <pre>
 *   db-%p.pcapng,port 5432,file-size=50m,files=10
 * </pre>
 *
 * In the file's name {@code %p} stands for the process ID. Options are {@code snaplen=}, {@code
 * queue=}, {@code file-size=} and {@code files=} with a number, the sizes with an optional k, m or
 * g; {@code file-seconds=}; {@code keylog=} with a file; {@code host=} with the name of a simulated
 * host; {@code block}; and {@code pipes}. All else is the filter.
 *
 * @param file the file
 * @param options the options
 */
record CaptureWords(Path file, CaptureOptions options) {
  private static final String SIZE_SUFFIXES = "kmg";

  /** The words by the names of the options. */
  private static final Map<String, String> WORDS =
      Map.of("snapBytes", "snaplen", "queueBytes", "queue", "fileSizeBytes", "file-size");

  /**
   * Parses such a text.
   *
   * @throws IllegalArgumentException if it is malformed; the message names the word
   */
  static CaptureWords parse(String text) {
    String[] words = text.split(",", -1);
    CaptureOptions.Builder options = CaptureOptions.builder();
    List<String> filter = new ArrayList<>();
    for (int i = 1; i < words.length; i++) {
      String word = words[i].strip();
      if (!apply(word, options)) {
        filter.add(word);
      }
    }
    if (filter.size() == 1) {
      options.filter(filter.get(0));
    } else if (!filter.isEmpty()) {
      options.filter("( " + String.join(" ) and ( ", filter) + " )");
    }
    return new CaptureWords(file(words[0].strip()), built(options));
  }

  /** The options, of which no name of Java is told to somebody who writes a property. */
  private static CaptureOptions built(CaptureOptions.Builder options) {
    if (options.keepsFilesThatNeverEnd()) {
      throw new IllegalArgumentException(
          "files= needs file-size= or file-seconds=: without them the first file never ends");
    }
    try {
      return options.build();
    } catch (IllegalArgumentException e) {
      String[] message = e.getMessage().split(" ", 2);
      throw new IllegalArgumentException(
          WORDS.getOrDefault(message[0], message[0]) + " " + message[1], e);
    }
  }

  private static Path file(String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("expected a file before the first comma");
    }
    try {
      return Path.of(name.replace("%p", Long.toString(ProcessHandle.current().pid())));
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("expected a file, not " + name, e);
    }
  }

  /** Sets an option; returns false if the word is not one. */
  private static boolean apply(String word, CaptureOptions.Builder options) {
    int equals = word.indexOf('=');
    String value = word.substring(equals + 1).strip();
    switch (equals < 0 ? word : word.substring(0, equals).strip()) {
      case "snaplen" -> options.snapBytes(Math.toIntExact(size(word, value)));
      case "queue" -> options.queueBytes(size(word, value));
      case "file-size" -> options.fileSizeBytes(size(word, value));
      case "file-seconds" -> options.fileDuration(Duration.ofSeconds(size(word, value)));
      case "files" -> options.files(Math.toIntExact(size(word, value)));
      case "keylog" -> options.keyLog(Path.of(value));
      case "host" -> options.host(value);
      case "block" -> options.blocking(true);
      case "pipes" -> options.pipes(true);
      default -> {
        return false;
      }
    }
    return true;
  }

  private static long size(String word, String value) {
    int last = value.length() - 1;
    int power =
        last < 0
            ? 0
            : 1 + SIZE_SUFFIXES.indexOf(value.substring(last).toLowerCase(Locale.ROOT).charAt(0));
    try {
      BigInteger number = new BigInteger(power > 0 ? value.substring(0, last) : value);
      return Math.toIntExact(number.shiftLeft(10 * power).longValueExact());
    } catch (NumberFormatException | ArithmeticException e) {
      throw new IllegalArgumentException(word + ": expected a number below 2g", e);
    }
  }
}
