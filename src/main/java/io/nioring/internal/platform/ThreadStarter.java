package io.nioring.internal.platform;

/**
 * Starts threads in the background: {@link BackgroundThreads}, or what a test puts in its place.
 */
@FunctionalInterface
public interface ThreadStarter {

  /**
   * Starts a daemon thread.
   *
   * @param name its name
   * @param body what it does
   * @return the thread, which runs
   * @throws OutOfMemoryError if the system has no more threads, or the heap no room; nothing was
   *     started then, and the caller has to do without
   */
  Thread start(String name, Runnable body);
}
