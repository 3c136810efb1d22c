package io.nioring.consumer.raft;

/**
 * A command to a register that holds a number.
 *
 * @param kind what it does
 * @param first its first argument: what is set, expected or added
 * @param second its second: what a compare-and-set sets
 */
record Command(Kind kind, long first, long second) {
  enum Kind {
    GET,
    SET,
    COMPARE_AND_SET,
    ADD
  }

  static final Command GET = new Command(Kind.GET, 0, 0);

  static Command set(long value) {
    return new Command(Kind.SET, value, 0);
  }

  static Command compareAndSet(long expected, long value) {
    return new Command(Kind.COMPARE_AND_SET, expected, value);
  }

  static Command add(long number) {
    return new Command(Kind.ADD, number, 0);
  }

  /** Reads what {@link #text()} has written. */
  static Command parse(String text) {
    String[] words = text.split(" ");
    return new Command(Kind.valueOf(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2]));
  }

  String text() {
    return kind + " " + first + " " + second;
  }

  /** The register's value after it. */
  long next(long value) {
    return switch (kind) {
      case GET -> value;
      case SET -> first;
      case COMPARE_AND_SET -> value == first ? second : value;
      case ADD -> value + first;
    };
  }

  /** What it returns: the value after it; of a compare-and-set, 1 if it has set and else 0. */
  long result(long value) {
    return kind == Kind.COMPARE_AND_SET ? (value == first ? 1 : 0) : next(value);
  }
}
