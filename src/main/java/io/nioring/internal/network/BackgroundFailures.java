package io.nioring.internal.network;

/** Logs failures in the background, where there is no caller to throw them to. */
final class BackgroundFailures {
  private BackgroundFailures() {}

  /** Logs a failure if possible: when memory is short it may not be. Never throws. */
  static void log(String message, Throwable failure) {
    try {
      System.getLogger(ChannelRegistry.class.getName())
          .log(System.Logger.Level.WARNING, message, failure);
    } catch (Throwable e) {
      return; // the background work goes on
    }
  }
}
