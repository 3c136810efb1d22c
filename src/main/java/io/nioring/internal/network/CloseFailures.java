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

  /** Throws the first failure, if any, and begins anew. */
  public void rethrow() throws IOException {
    Throwable thrown = first;
    first = null;
    if (thrown instanceof IOException e) {
      throw e;
    } else if (thrown instanceof RuntimeException e) {
      throw e;
    } else if (thrown instanceof Error e) {
      throw e;
    } else if (thrown != null) {
      throw new IOException("cannot close", thrown);
    }
  }
}
