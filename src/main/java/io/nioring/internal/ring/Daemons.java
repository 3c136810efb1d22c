package io.nioring.internal.ring;

/** Starts threads that carry nothing of whoever happened to need them first. */
final class Daemons {
  private Daemons() {}

  /**
   * Starts a daemon thread without a context class loader and inherited thread-locals, in the
   * outermost group.
   *
   * @throws OutOfMemoryError if there is no thread to be had
   */
  static Thread start(Runnable body, String name) {
    ThreadGroup group = Thread.currentThread().getThreadGroup();
    while (group.getParent() != null) {
      group = group.getParent();
    }
    Thread thread = new Thread(group, body, name, 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    thread.start();
    return thread;
  }
}
