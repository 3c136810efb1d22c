package io.nioring.simulation;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the logger of a class is told, in place of the console, until this is closed. */
final class LoggedMessages implements AutoCloseable {
  private final List<String> messages = new CopyOnWriteArrayList<>();
  private final Handler handler = new Collecting();
  private final Logger logger;

  LoggedMessages(Class<?> of) {
    logger = Logger.getLogger(of.getName());
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
  }

  /** The messages so far; grows. */
  List<String> messages() {
    return messages;
  }

  @Override
  public void close() {
    logger.removeHandler(handler);
    logger.setUseParentHandlers(true);
  }

  private final class Collecting extends Handler {
    @Override
    public void publish(LogRecord logged) {
      messages.add(logged.getMessage());
    }

    @Override
    public void flush() {
      // Nothing is held back.
    }

    @Override
    public void close() {
      // Nothing is open.
    }
  }
}
