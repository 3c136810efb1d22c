package io.nioring.internal.network;

import java.io.IOException;

/** The failures of closing several things: the first, with the others suppressed. */
public final class CloseFailures {
  private Throwable first;

  /** Takes one more. */
  public void add(Throwable failure) {
    if (first == null) {
      first = failure;
    } else if (first != failure) {
      try {
        first.addSuppressed(failure);
      } catch (OutOfMemoryError e) {
        return; // no memory to record it; the close has to go on
      }
    }
  }

  /** Throws the first failure, if any. */
  public void rethrow() throws IOException {
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
