package io.nioring.benchmark;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads one JSON text by recursive descent (RFC 8259, without {@code \\u} escapes). */
final class JsonParser {
  private final String text;
  private int position;

  JsonParser(String text) {
    this.text = text;
  }

  /**
   * Reads the whole text.
   *
   * @throws IllegalArgumentException if it is not JSON; the message names the place
   */
  Json parse() {
    Json value = value();
    if (peek() != '\0') {
      throw unexpected();
    }
    return value;
  }

  private Json value() {
    return switch (peek()) {
      case '{' -> object();
      case '[' -> array();
      case '"' -> new Json(string());
      default -> new Json(literal());
    };
  }

  private Json object() {
    Map<String, Json> fields = new LinkedHashMap<>();
    expect('{');
    while (peek() != '}') {
      String name = string();
      expect(':');
      fields.put(name, value());
      skipComma();
    }
    expect('}');
    return new Json(fields);
  }

  private Json array() {
    List<Json> elements = new ArrayList<>();
    expect('[');
    while (peek() != ']') {
      elements.add(value());
      skipComma();
    }
    expect(']');
    return new Json(elements);
  }

  private void skipComma() {
    if (peek() == ',') {
      position++;
    }
  }

  private String string() {
    StringBuilder content = new StringBuilder();
    expect('"');
    while (text.charAt(position) != '"') {
      if (text.charAt(position) == '\\') {
        position++;
      }
      content.append(text.charAt(position++));
    }
    position++;
    return content.toString();
  }

  private Object literal() {
    int start = position;
    while (position < text.length() && ",]} \r\n\t".indexOf(text.charAt(position)) < 0) {
      position++;
    }
    String word = text.substring(start, position);
    return switch (word) {
      case "true", "false" -> Boolean.valueOf(word);
      case "null" -> null;
      default -> Double.valueOf(word);
    };
  }

  private void expect(char wanted) {
    if (peek() != wanted) {
      throw unexpected();
    }
    position++;
  }

  /** The next character that is no white space, without consuming it; NUL at the end. */
  private char peek() {
    while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
      position++;
    }
    return position < text.length() ? text.charAt(position) : '\0';
  }

  private IllegalArgumentException unexpected() {
    return new IllegalArgumentException("not JSON at character " + position);
  }
}
