package io.nioring.internal.async;

/**
 * How many calls of handlers are on a thread's stack, inside a task of a group.
 *
 * <p>Confined to its thread. Holds no references, so a thread of the program may keep it.
 */
final class CallDepth {
  /** As the platform's ({@code sun.nio.ch.maxCompletionHandlersOnStack}). */
  private static final int MOST = 16;

  private static final int OUTSIDE = -1;

  private int calls = OUTSIDE;

  /** Whether the thread runs a task of the group, and few enough handlers are on its stack. */
  boolean mayCall() {
    return calls != OUTSIDE && calls < MOST;
  }

  void enter() {
    calls++;
  }

  void leave() {
    calls--;
  }

  /**
   * Begins a task.
   *
   * @return what {@link #endTask} is given
   */
  int beginTask() {
    int before = calls;
    calls = 0;
    return before;
  }

  void endTask(int before) {
    calls = before;
  }
}
