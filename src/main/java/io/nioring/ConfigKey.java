package io.nioring;

import io.nioring.route.Mode;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The known properties, each with its effect on a configuration. */
enum ConfigKey {
  MODE("mode"),
  ROUTES("routes"),
  BUFFER_SIZE("bufferSize"),
  MAX_BUFFER_BYTES("maxBufferBytes"),
  SPIN_MICROS("spinMicros"),
  IDLE_MILLIS("idleMillis"),
  DIRECT_MEMORY("directMemory"),
  SOCKETS("sockets"),
  HOSTS("hosts"),
  JMX("jmx"),
  JFR_NAMES("jfr.names"),
  CAPTURE("capture");

  static final String PREFIX = "nioring.";

  /** Each stands for a power of 1024, counted from 1. */
  private static final String SIZE_SUFFIXES = "kmg";

  private final String key;

  ConfigKey(String name) {
    this.key = PREFIX + name;
  }

  /** Returns the full name. */
  String key() {
    return key;
  }

  /** Returns the property with that full name, if there is one. */
  static Optional<ConfigKey> find(String key) {
    for (ConfigKey known : values()) { // no stream: a program's start waits for this
      if (known.key.equals(key)) {
        return Optional.of(known);
      }
    }
    return Optional.empty();
  }

  /** Returns the full names of all, for messages. */
  static String all() {
    return Arrays.stream(values()).map(known -> known.key).collect(Collectors.joining(", "));
  }

  /**
   * Sets the value in a builder.
   *
   * @throws IllegalArgumentException if it is malformed or out of bounds; the message says what was
   *     expected
   */
  void apply(RingNetworkConfig.Builder builder, String value) {
    String text = value.strip();
    switch (this) {
      case MODE -> builder.mode(Mode.parse(text));
      case ROUTES -> builder.routes(text);
      case BUFFER_SIZE -> builder.bufferSizeBytes(size(text));
      case MAX_BUFFER_BYTES -> builder.maxBufferBytes(size(text));
      case SPIN_MICROS -> builder.spinMicros(number(text, RingNetworkConfig.SPIN));
      case IDLE_MILLIS -> builder.idleMillis(number(text, RingNetworkConfig.IDLE));
      case DIRECT_MEMORY -> builder.directMemory(flag(text));
      case SOCKETS -> builder.sockets(flag(text));
      case HOSTS -> builder.hosts(text);
      case JMX -> builder.jmx(flag(text));
      case JFR_NAMES -> builder.jdkEventNames(isOfJdk(text));
      case CAPTURE -> builder.capture(text);
    }
  }

  private static int size(String text) {
    int last = text.length() - 1;
    int power = last < 0 ? 0 : 1 + SIZE_SUFFIXES.indexOf(Character.toLowerCase(text.charAt(last)));
    String digits = power > 0 ? text.substring(0, last) : text;
    return number(digits, 10 * power, RingNetworkConfig.BUFFER_SIZE, " with an optional k, m or g");
  }

  private static int number(String text, IntRange bound) {
    return number(text, 0, bound, "");
  }

  /** Numbers of any length are parsed, so that none overflows into the bound. */
  private static int number(String digits, int shift, IntRange bound, String remark) {
    BigInteger value;
    try {
      value = new BigInteger(digits).shiftLeft(shift);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("expected " + bound + remark, e);
    }
    if (value.bitLength() >= Integer.SIZE || !bound.contains(value.intValue())) {
      throw new IllegalArgumentException("expected " + bound + remark);
    }
    return value.intValue();
  }

  private static boolean isOfJdk(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "jdk" -> true;
      case "nioring" -> false;
      default -> throw new IllegalArgumentException("expected jdk or nioring");
    };
  }

  private static boolean flag(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("expected true or false");
    };
  }
}
