package io.nioring.internal.network;

/** Logs what went wrong in the background, where there is nobody to throw it at. */
final class BackgroundFailures {
  private BackgroundFailures() {}

  /** Logs a failure if that is possible: without memory it may not be. Never throws. */
  static void log(String message, Throwable failure) {
    try {
      System.getLogger(ChannelRegistry.class.getName())
          .log(System.Logger.Level.WARNING, message, failure);
    } catch (Throwable e) {
      return; // what is done in the background goes on
    }
  }
}
