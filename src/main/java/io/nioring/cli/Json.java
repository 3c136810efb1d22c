package io.nioring.cli;

import java.util.Collection;
import java.util.Iterator;
import java.util.Map;

/** Writes an object as JSON (RFC 8259), on one line. */
final class Json {
  private Json() {}

  /** The text of a map with its order kept; values are numbers, booleans, lists, maps or text. */
  static String of(Map<String, ?> object) {
    StringBuilder text = new StringBuilder();
    appendMap(text, object);
    return text.toString();
  }

  private static void append(StringBuilder text, Object value) {
    if (value == null || value instanceof Boolean) {
      text.append(value);
    } else if (value instanceof Number number) {
      double asDouble = number.doubleValue();
      text.append(Double.isFinite(asDouble) ? number.toString() : "null");
    } else if (value instanceof Map<?, ?> map) {
      appendMap(text, map);
    } else if (value instanceof Collection<?> list) {
      appendList(text, list);
    } else {
      appendText(text, value.toString());
    }
  }

  private static void appendMap(StringBuilder text, Map<?, ?> map) {
    text.append('{');
    String separator = "";
    for (Map.Entry<?, ?> each : map.entrySet()) {
      text.append(separator);
      appendText(text, each.getKey().toString());
      text.append(':');
      append(text, each.getValue());
      separator = ",";
    }
    text.append('}');
  }

  private static void appendList(StringBuilder text, Collection<?> list) {
    text.append('[');
    for (Iterator<?> each = list.iterator(); each.hasNext(); ) {
      append(text, each.next());
      text.append(each.hasNext() ? "," : "");
    }
    text.append(']');
  }

  private static void appendText(StringBuilder text, String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (Character.isISOControl(c)
          || Character.isSurrogate(c)
          || c == '\u2028'
          || c == '\u2029') {
        text.append(String.format("\\u%04x", (int) c));
      } else {
        text.append(c);
      }
    }
    text.append('"');
  }
}
