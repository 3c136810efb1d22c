package io.nioring.cli;

/** Reports a word that another JVM has rejected; the exit status is 2. */
final class UsageFailure extends CommandFailure {
  private static final long serialVersionUID = 1L;

  UsageFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
