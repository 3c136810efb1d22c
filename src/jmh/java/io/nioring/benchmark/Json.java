package io.nioring.benchmark;

import java.util.List;
import java.util.Map;

/**
 * A JSON value, as far as files of JMH results need one.
 *
 * @param value a map of names to {@code Json}, a list of {@code Json}, a string, a double, a
 *     boolean, or null, which also stands for a field that is not there
 */
record Json(Object value) {
  static final Json NULL = new Json(null);

  static Json parse(String text) {
    return new JsonParser(text).parse();
  }

  /** The field of that name, or {@link #NULL}; a null has no fields. */
  Json get(String name) {
    return value == null ? NULL : fields().getOrDefault(name, NULL);
  }

  @SuppressWarnings("unchecked") // the parser puts nothing else into a map
  Map<String, Json> fields() {
    return (Map<String, Json>) value;
  }

  @SuppressWarnings("unchecked") // the parser puts nothing else into a list
  List<Json> elements() {
    return (List<Json>) value;
  }

  String string() {
    return (String) value;
  }

  /** A number; JMH writes NaN as a string, since JSON has no such number. */
  double number() {
    return value instanceof String string ? Double.parseDouble(string) : (Double) value;
  }

  double[] numbers() {
    return elements().stream().mapToDouble(Json::number).toArray();
  }
}
