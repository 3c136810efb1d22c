package io.nioring.consumer.netty;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Collects what Netty's event loops complain of, such as selects that return too early. */
final class NettyWarnings extends Handler {
  private static final Logger LOGGER = Logger.getLogger("io.netty.channel");

  private final List<String> messages = new ArrayList<>();

  NettyWarnings() {
    setLevel(Level.WARNING);
    LOGGER.addHandler(this);
  }

  /** Ends collecting, and gives what there was. */
  synchronized List<String> end() {
    LOGGER.removeHandler(this);
    return List.copyOf(messages);
  }

  @Override
  public synchronized void publish(LogRecord entry) {
    if (isLoggable(entry)) {
      messages.add(entry.getLoggerName() + ": " + entry.getMessage());
    }
  }

  @Override
  public void flush() {
    // nothing is held back
  }

  @Override
  public void close() {
    // nothing to free
  }
}
