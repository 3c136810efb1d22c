package io.nioring.internal.network;

import java.util.Arrays;
import java.util.List;

/**
 * Where a channel was opened. Holds no reference that leads to the channel.
 *
 * @param thread the name of the thread
 * @param trace the stack trace of the opening
 */
public record Opening(String thread, Throwable trace) {
  /** The name prefixes of the classes through which a program opens channels. */
  private static final List<String> WAYS_HERE =
      List.of("java.", "javax.", "sun.", "jdk.", "io.nioring.internal.");

  private static final String ROOT_PACKAGE = "io.nioring";

  static Opening here() {
    return new Opening(Thread.currentThread().getName(), new Throwable("opened here"));
  }

  /**
   * The stack frames from the first one of the program, innermost first; all if the program has
   * none.
   */
  public List<StackTraceElement> stack() {
    List<StackTraceElement> frames = Arrays.asList(trace.getStackTrace());
    for (int i = 0; i < frames.size(); i++) {
      if (!isWayHere(frames.get(i).getClassName())) {
        return List.copyOf(frames.subList(i, frames.size()));
      }
    }
    return List.copyOf(frames);
  }

  private static boolean isWayHere(String name) {
    int end = name.lastIndexOf('.');
    return WAYS_HERE.stream().anyMatch(name::startsWith)
        || (end > 0 && name.substring(0, end).equals(ROOT_PACKAGE));
  }
}
