package io.nioring.observe;

import io.nioring.SocketEntry;
import io.nioring.observe.SocketFilter.Subject;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses the words of one {@link SocketFilter} by recursive descent. */
final class FilterParser {
  private static final Pattern WORD =
      Pattern.compile("\\s*(&&|\\|\\||[!<>=]=|[()!<>=&|,]|(?:[^\\s()!<>=&|,\"]|\"[^\"]*\")+|\")");
  private static final Set<String> AND = Set.of("and", "&&", "&", ",");
  private static final Set<String> OR = Set.of("or", "||", "|");
  private static final Set<String> NOT = Set.of("not", "!");

  private final List<String> words;
  private int next;

  FilterParser(List<String> words) {
    this.words = words;
  }

  /** The words of a text, without the quotes in which a path may have spaces and parentheses. */
  static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(text);
    while (matcher.find()) {
      String word = matcher.group(1);
      if (word.equals("\"")) {
        throw new IllegalArgumentException("A quote is not closed, in the filter");
      }
      words.add(word.replace("\"", ""));
    }
    return words;
  }

  Predicate<Subject> parse() {
    Predicate<Subject> all = alternatives();
    if (next < words.size()) {
      throw misplaced(words.get(next));
    }
    return all;
  }

  private Predicate<Subject> alternatives() {
    Predicate<Subject> either = conjunction();
    while (take(OR)) {
      either = either.or(conjunction());
    }
    return either;
  }

  private Predicate<Subject> conjunction() {
    Predicate<Subject> both = negation();
    while (take(AND) || (next < words.size() && !OR.contains(word()) && !word().equals(")"))) {
      both = both.and(negation());
    }
    return both;
  }

  private Predicate<Subject> negation() {
    return take(NOT) ? negation().negate() : primary();
  }

  private Predicate<Subject> primary() {
    String word = takeAny("a condition");
    return switch (word) {
      case "(" -> inParentheses();
      case "state" -> state(takeAny("a state"));
      case "src" -> address(Subject::local);
      case "dst" -> address(Subject::remote);
      case "sport" -> port(Subject::local);
      case "dport" -> port(Subject::remote);
      case "port" -> eitherPort();
      default -> throw misplaced(word);
    };
  }

  private Predicate<Subject> inParentheses() {
    Predicate<Subject> inner = alternatives();
    if (!takeAny(")").equals(")")) {
      throw misplaced(words.get(next - 1));
    }
    return inner;
  }

  private static Predicate<Subject> state(String word) {
    Set<SocketEntry.State> states = states(word);
    return subject -> states.contains(subject.state());
  }

  private static Set<SocketEntry.State> states(String word) {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "all" -> EnumSet.allOf(SocketEntry.State.class);
      case "connected" ->
          EnumSet.complementOf(EnumSet.of(SocketEntry.State.LISTEN, SocketEntry.State.UNCONN));
      case "established" -> EnumSet.of(SocketEntry.State.ESTAB);
      case "listening" -> EnumSet.of(SocketEntry.State.LISTEN);
      case "unconnected" -> EnumSet.of(SocketEntry.State.UNCONN);
      default -> EnumSet.of(stateOf(word));
    };
  }

  private static SocketEntry.State stateOf(String word) {
    for (SocketEntry.State state : SocketEntry.State.values()) {
      if (state.label().equalsIgnoreCase(word)) {
        return state;
      }
    }
    throw new IllegalArgumentException("Unknown state '" + word + "' in the filter");
  }

  private Predicate<Subject> address(Function<Subject, SocketAddress> side) {
    take(Set.of("=", "==", "eq"));
    AddressCondition condition = AddressCondition.parse(takeAny("an address"));
    return subject -> condition.test(side.apply(subject));
  }

  private Predicate<Subject> port(Function<Subject, SocketAddress> side) {
    IntPredicate condition = portCondition();
    return subject -> condition.test(SocketFilter.portOf(side.apply(subject)));
  }

  private Predicate<Subject> eitherPort() {
    IntPredicate condition = portCondition();
    return subject ->
        condition.test(SocketFilter.portOf(subject.local()))
            || condition.test(SocketFilter.portOf(subject.remote()));
  }

  /** A condition on a port; never true for an address without one, whose port is given as -1. */
  private IntPredicate portCondition() {
    String word = takeAny("a port");
    IntPredicate condition =
        switch (word) {
          case "=", "==", "eq" -> equalTo(takePort());
          case "!=", "ne", "neq" -> equalTo(takePort()).negate();
          case "<", "lt" -> below(takePort());
          case ">=", "ge", "geq" -> below(takePort()).negate();
          case ">", "gt" -> below(takePort() + 1).negate();
          case "<=", "le", "leq" -> below(takePort() + 1);
          default -> equalTo(port(word));
        };
    return port -> port >= 0 && condition.test(port);
  }

  private static IntPredicate equalTo(int bound) {
    return port -> port == bound;
  }

  private static IntPredicate below(int bound) {
    return port -> port < bound;
  }

  private int takePort() {
    return port(takeAny("a port"));
  }

  /** Parses a port, with or without a colon before it. */
  static int port(String word) {
    try {
      int port = Integer.parseInt(word.startsWith(":") ? word.substring(1) : word);
      if (port >= 0 && port <= 0xffff) {
        return port;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + word + "' is not a port, in the filter", e);
    }
    throw new IllegalArgumentException("'" + word + "' is not a port, in the filter");
  }

  private String word() {
    return words.get(next);
  }

  private boolean take(Set<String> any) {
    boolean found = next < words.size() && any.contains(word());
    if (found) {
      next++;
    }
    return found;
  }

  private String takeAny(String expected) {
    if (next == words.size()) {
      throw new IllegalArgumentException("The filter ends where " + expected + " is expected");
    }
    return words.get(next++);
  }

  private static IllegalArgumentException misplaced(String word) {
    return new IllegalArgumentException(
        "'"
            + word
            + "' in the filter is none of state, src, dst, sport, dport, port, and, or, not");
  }
}
