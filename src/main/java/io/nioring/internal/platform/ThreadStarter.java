package io.nioring.internal.platform;

/** Starts threads in the background: {@link BackgroundThreads}, or a replacement in tests. */
@FunctionalInterface
public interface ThreadStarter {

  /**
   * Starts a daemon thread.
   *
   * @param name its name
   * @param body its task
   * @return the running thread
   * @throws OutOfMemoryError if the system has no more threads, or the heap is exhausted; no thread
   *     was started, and the caller has to do without
   */
  Thread start(String name, Runnable body);
}
