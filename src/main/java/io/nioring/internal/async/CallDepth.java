package io.nioring.internal.async;

/**
 * How many calls of handlers are on a thread's stack, inside a task of a group.
 *
 * <p>The number is in an array, which is confined to its thread. A thread of the program may keep
 * it for good: it refers to no class of ours, whose class loader it would keep.
 */
final class CallDepth {
  /** As the platform's ({@code sun.nio.ch.maxCompletionHandlersOnStack}). */
  private static final int MOST = 16;

  private static final int OUTSIDE = -1;

  private CallDepth() {}

  /** The depth of a thread outside of all tasks. */
  static int[] outside() {
    return new int[] {OUTSIDE};
  }

  /** Whether the thread runs a task of the group, and few enough handlers are on its stack. */
  static boolean mayCall(int[] depth) {
    return depth[0] != OUTSIDE && depth[0] < MOST;
  }

  static void enter(int[] depth) {
    depth[0]++;
  }

  static void leave(int[] depth) {
    depth[0]--;
  }

  /**
   * Begins a task.
   *
   * @return what {@link #endTask} is given
   */
  static int beginTask(int[] depth) {
    int before = depth[0];
    depth[0] = 0;
    return before;
  }

  static void endTask(int[] depth, int before) {
    depth[0] = before;
  }
}
