package io.nioring.internal.network;

import java.util.Arrays;
import java.util.List;

/**
 * Who opened a channel. Refers to nothing that leads to the channel.
 *
 * @param thread the name of the thread
 * @param trace made where it was opened
 */
public record Opening(String thread, Throwable trace) {
  /** How the names of classes begin that a program opens channels by. */
  private static final List<String> WAYS_HERE =
      List.of("java.", "javax.", "sun.", "jdk.", "io.nioring.internal.");

  private static final String ROOT_PACKAGE = "io.nioring";

  static Opening here() {
    return new Opening(Thread.currentThread().getName(), new Throwable("opened here"));
  }

  /** The frames from the program's own on, the innermost first; all if none is the program's. */
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
