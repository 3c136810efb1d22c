package io.nioring.observe;

import io.nioring.SocketEntry;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Chooses sockets by a filter in the syntax of {@code ss}.
 *
 * <pre>{@code
 * state established dport = :5432
 * ( src 10.0.0.0/8 or src unix:/run/app/* ) and not port 8080
 * }</pre>
 *
 * <ul>
 *   <li>{@code state WORD}: one of the states of {@link SocketEntry.State} as {@code ss} spells it
 *       ({@code established}, {@code listening}, {@code syn-sent}, …), or {@code all}, {@code
 *       connected}
 *   <li>{@code src ADDRESS}, {@code dst ADDRESS}: the socket's address, and the peer's: {@code
 *       10.0.0.7}, {@code 10.0.0.0/8}, {@code 10.0.0.7:5432}, {@code [::1]:80}, {@code :80}, {@code
 *       *}; or a Unix path after {@code unix:}, in which {@code *} stands for any text, and which
 *       is quoted if it has a space: {@code src unix:"/run/my app/*"}
 *   <li>{@code sport OP PORT}, {@code dport OP PORT}, {@code port OP PORT}: the socket's port, the
 *       peer's, either; {@code OP} is {@code = != < > <= >=} or {@code eq ne lt gt le ge}, and
 *       {@code =} if left out; the port may have a colon before it
 *   <li>{@code and}, {@code or}, {@code not}, parentheses; words side by side mean {@code and}
 * </ul>
 *
 * An immutable value, safe for use by many threads.
 */
public final class SocketFilter {
  private static final SocketFilter ALL = new SocketFilter("", subject -> true);

  private final String text;
  private final Predicate<Subject> predicate;

  private SocketFilter(String text, Predicate<Subject> predicate) {
    this.text = text;
    this.predicate = predicate;
  }

  /**
   * A condition on a socket.
   *
   * @param state the socket's state
   * @param local its address; null without one
   * @param remote its peer's; null without one
   */
  record Subject(SocketEntry.State state, SocketAddress local, SocketAddress remote) {}

  /**
   * Returns the filter that chooses every socket.
   *
   * @return the filter
   */
  public static SocketFilter all() {
    return ALL;
  }

  /**
   * Parses a filter.
   *
   * @param text the words; an empty text chooses every socket
   * @return the filter
   * @throws IllegalArgumentException if a word is unknown or misplaced; the message names it
   */
  public static SocketFilter parse(String text) {
    Objects.requireNonNull(text, "text");
    List<String> words = FilterParser.words(text);
    return words.isEmpty() ? ALL : new SocketFilter(text, new FilterParser(words).parse());
  }

  /**
   * Tells whether a socket is chosen.
   *
   * @param socket a row of the table
   * @return whether the filter matches it
   */
  public boolean matches(SocketEntry socket) {
    if (this == ALL) {
      return true; // without copies of the addresses of each of thousands
    }
    return predicate.test(
        new Subject(
            socket.state(),
            socket.localAddress().orElse(null),
            socket.remoteAddress().orElse(null)));
  }

  /**
   * Tells whether a connection is chosen, seen from one of its ends.
   *
   * @param local the address of that end; null without one
   * @param remote the address of its peer; null without one
   * @return whether the filter matches it as a connection whose ends may both send
   */
  public boolean matches(SocketAddress local, SocketAddress remote) {
    return predicate.test(new Subject(SocketEntry.State.ESTAB, local, remote));
  }

  /** The port of an address; -1 for one without. */
  static int portOf(SocketAddress address) {
    return address instanceof InetSocketAddress ip ? ip.getPort() : -1;
  }

  /** Returns the text that the filter was parsed from. */
  @Override
  public String toString() {
    return text;
  }
}
