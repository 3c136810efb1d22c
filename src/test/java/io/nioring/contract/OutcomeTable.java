package io.nioring.contract;

import java.nio.channels.ClosedChannelException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;

/**
 * Operations by name, each of which is tried on a subject of its own: what comes of them is
 * compared between the platform and ours.
 *
 * <p>A failure is told by class and message. Not compared are messages that are the JVM's own to
 * word, which of two exceptions says that a channel is closed, since that differs by JDK, and the
 * value in a message about an option, which ours names.
 *
 * @param <S> what the operations are tried on
 */
public final class OutcomeTable<S extends AutoCloseable> {
  private static final String INVALID = "IllegalArgumentException: Invalid";

  private final Map<String, Operation<S>> operations = new LinkedHashMap<>();

  /** An operation whose result matters. */
  @FunctionalInterface
  public interface Operation<S> {
    /** Does it. */
    Object apply(S subject) throws Exception;
  }

  /** An operation without a result. */
  @FunctionalInterface
  public interface Step<S> {
    /** Does it. */
    void apply(S subject) throws Exception;
  }

  /** Opens a subject. */
  @FunctionalInterface
  public interface Opener<S> {
    /** Opens it. */
    S open() throws Exception;
  }

  /** Adds an operation whose result is compared by its text. */
  public OutcomeTable<S> asks(String name, Operation<S> operation) {
    if (operations.put(name, operation) != null) {
      throw new IllegalArgumentException("twice in the table: " + name);
    }
    return this;
  }

  /** Adds an operation whose result is not looked at. */
  public OutcomeTable<S> does(String name, Step<S> step) {
    return asks(
        name,
        subject -> {
          step.apply(subject);
          return "done";
        });
  }

  /** What comes of each operation, by its name. */
  @SuppressWarnings("try") // a close that is interrupted fails the test
  public Map<String, String> outcomes(Opener<S> opener) throws Exception {
    Map<String, String> outcomes = new LinkedHashMap<>();
    for (Map.Entry<String, Operation<S>> each : operations.entrySet()) {
      try (S subject = opener.open()) {
        outcomes.put(each.getKey(), outcome(each.getValue(), subject));
      }
    }
    return outcomes;
  }

  /** Where two tables' outcomes differ: both of them, by the name of the operation. */
  public static Map<String, String> differences(
      Map<String, String> platforms, Map<String, String> ours) {
    Map<String, String> differences = new LinkedHashMap<>();
    platforms.forEach(
        (name, outcome) -> {
          if (!outcome.equals(ours.get(name))) {
            differences.put(name, outcome + " | ours: " + ours.get(name));
          }
        });
    return differences;
  }

  /**
   * As {@link #differences}, of three tries: a limit of a millisecond can be over before the
   * platform has looked at anything else.
   */
  public static Map<String, String> lastingDifferences(
      Callable<Map<String, String>> platforms, Callable<Map<String, String>> ours)
      throws Exception {
    Map<String, String> differences = differences(platforms.call(), ours.call());
    for (int again = 0; again < 2 && !differences.isEmpty(); again++) {
      differences.keySet().retainAll(differences(platforms.call(), ours.call()).keySet());
    }
    return differences;
  }

  private static <S> String outcome(Operation<S> operation, S subject) {
    try {
      return String.valueOf(operation.apply(subject));
    } catch (ExecutionException e) {
      return "later " + outcome(e.getCause());
    } catch (Exception e) {
      return outcome(e);
    }
  }

  private static String outcome(Throwable failure) {
    if (failure instanceof ClosedChannelException) {
      return "closed";
    }
    if (failure instanceof NullPointerException || failure instanceof IndexOutOfBoundsException) {
      return failure.getClass().getSimpleName();
    }
    String told = Outcomes.of(failure);
    return told.startsWith(INVALID) ? INVALID : told;
  }
}
