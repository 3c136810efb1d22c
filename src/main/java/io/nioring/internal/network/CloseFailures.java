package io.nioring.internal.network;

import java.io.IOException;

/** What was thrown while many things were closed: the first, with the others as suppressed. */
final class CloseFailures {
  private Throwable first;

  void add(Throwable failure) {
    if (first == null) {
      first = failure;
    } else if (first != failure) {
      try {
        first.addSuppressed(failure);
      } catch (OutOfMemoryError e) {
        return; // without room to note it; what counts is to go on
      }
    }
  }

  /** Throws the first failure, if there was one. */
  void rethrow() throws IOException {
    if (first instanceof IOException e) {
      throw e;
    } else if (first instanceof RuntimeException e) {
      throw e;
    } else if (first instanceof Error e) {
      throw e;
    } else if (first != null) {
      throw new IOException("cannot close", first);
    }
  }
}
