package io.nioring.internal.network;

/**
 * Tasks that could not be handed to any thread, for lack of threads or memory. The housekeeping
 * tries each again, at least once a second, until it succeeds.
 *
 * <p>A linked list of the tasks themselves, so that adding one needs no memory. Thread-safe.
 */
public final class Retries {
  /** A task that may have to be tried again. */
  public abstract static class Task {
    /** The next in the list, or itself if it is the last; null if it is not in the list. */
    private Task next;

    /**
     * Tries once more, on any thread that holds no lock.
     *
     * @return whether it needs no further attempt
     */
    protected abstract boolean tryAgain();
  }

  /** Guarded by this object's monitor, with the links of the tasks. */
  private Task first;

  /** Adds a task; does nothing if it is in the list. */
  synchronized void add(Task task) {
    if (task.next == null) {
      task.next = first == null ? task : first;
      first = task;
    }
  }

  synchronized boolean isEmpty() {
    return first == null;
  }

  /** Tries each task of the list once. Never throws. */
  void run() {
    for (Task task = takeAll(); task != null; ) {
      Task following = unlink(task);
      if (!succeeds(task)) {
        add(task);
      }
      task = following;
    }
  }

  private synchronized Task takeAll() {
    Task all = first;
    first = null;
    return all;
  }

  private synchronized Task unlink(Task task) {
    Task following = task.next;
    task.next = null;
    return following == task ? null : following;
  }

  private static boolean succeeds(Task task) {
    try {
      return task.tryAgain();
    } catch (Throwable e) { // usually there is no memory yet
      return false;
    }
  }
}
