package io.nioring.agent;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text after the equals sign of {@code -javaagent:nioring-all.jar=}.
 *
 * <p>It is a list of {@code key=value} with commas between. Semicolons and equals signs are the
 * routes' own, so a comma ends a value only where a key and an equals sign follow: {@code
 * mode=ring,routes=tcp:*:443=kernel; unix:/a,b/*=hybrid,spinMicros=0} has three. The words of a
 * capture are no keys: {@code capture=db.pcapng,dport = :5432,files=10,jmx=true} has two.
 */
final class AgentArguments {

  /** Parts of the value of {@code capture} that look like arguments of their own. */
  private static final String WORD_OF_CAPTURE =
      "(?:host|snaplen|queue|files|keylog|[sd]?port)\\s*=";

  private static final String KEY = "(?:jfr\\.)?[A-Za-z]+";
  private static final Pattern SEPARATOR =
      Pattern.compile(",(?=\\s*(?!" + WORD_OF_CAPTURE + ")" + KEY + "\\s*=)");
  private static final Pattern PROPERTY =
      Pattern.compile("(?:^|,)\\s*nioring\\.(" + KEY + "\\s*=[^,]*)");
  private static final Pattern ARGUMENT = Pattern.compile("\\s*(" + KEY + ")\\s*=(.*)");

  private AgentArguments() {}

  /**
   * Returns the values by their keys, in order.
   *
   * @param text what the JVM hands over; null if there is nothing
   * @throws IllegalArgumentException if it is malformed or a key comes twice; the message quotes
   *     the place. Whether a key is known and its value valid is not checked
   */
  static Map<String, String> parse(String text) {
    Map<String, String> values = new LinkedHashMap<>();
    if (text == null || text.isBlank()) {
      return values;
    }
    if (text.strip().endsWith(",")) {
      throw new IllegalArgumentException(
          "expected key=value after the last comma of \"" + text + "\"");
    }
    Matcher property = PROPERTY.matcher(text);
    if (property.find()) {
      throw new IllegalArgumentException(
          "expected key=value with commas between, found \"nioring."
              + property.group(1)
              + "\": leave out \"nioring.\", as in "
              + property.group(1));
    }
    for (String piece : SEPARATOR.split(text, -1)) {
      Matcher argument = ARGUMENT.matcher(piece);
      if (!argument.matches()) {
        throw new IllegalArgumentException(
            "expected key=value with commas between, found \"" + piece + "\"");
      }
      String key = argument.group(1);
      if (values.putIfAbsent(key, argument.group(2).strip()) != null) {
        throw new IllegalArgumentException("the argument " + key + " is given twice");
      }
    }
    return values;
  }
}
