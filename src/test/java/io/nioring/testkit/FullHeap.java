package io.nioring.testkit;

/** Takes the memory of a program with a small heap, to the last byte. For one thread at a time. */
public final class FullHeap {
  private static final int LARGEST = 1 << 16;

  /** A chain of what fills the heap: each has the one before it in its first place. */
  private static Object[] taken;

  private FullHeap() {}

  /** Takes what is left. */
  public static void fill() {
    for (int size = LARGEST; size > 0; ) {
      try {
        Object[] more = new Object[size];
        more[0] = taken;
        taken = more;
      } catch (OutOfMemoryError e) {
        size /= 2;
      }
    }
  }

  /** Gives all of it back. */
  public static void free() {
    taken = null;
  }
}
