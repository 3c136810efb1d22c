package io.nioring.contract;

import java.io.IOException;

/** Outcomes as texts, for comparisons. */
final class Outcomes {
  private Outcomes() {}

  /** What may fail. */
  @FunctionalInterface
  interface Action {
    void run() throws IOException;
  }

  static String of(Action action) {
    try {
      action.run();
      return "done";
    } catch (IOException e) {
      return of(e);
    }
  }

  static String of(Throwable failure) {
    return failure.getClass().getSimpleName() + ": " + failure.getMessage();
  }
}
