package io.nioring.cli;

/** What another JVM says about a word that was given to it; the exit status is 2. */
final class UsageFailure extends CommandFailure {
  private static final long serialVersionUID = 1L;

  UsageFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
