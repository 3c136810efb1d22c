package io.nioring.benchmark;

import java.io.IOException;

/** Closes what a benchmark opened. */
final class Resources {
  private Resources() {}

  /**
   * Closes all of them in their order, those after a failing one too. Null stands for one that was
   * never opened.
   *
   * @throws IOException the first failure, with the later ones suppressed
   */
  static void closeAll(AutoCloseable... resources) throws IOException {
    IOException failure = null;
    for (AutoCloseable resource : resources) {
      try {
        if (resource != null) {
          resource.close();
        }
      } catch (Exception e) {
        if (failure == null) {
          failure = new IOException("closing " + resource + " failed", e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
