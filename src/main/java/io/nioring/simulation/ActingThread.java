package io.nioring.simulation;

import java.util.List;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.stream.Stream;

/**
 * A thread that can act.
 *
 * @param thread the thread
 */
record ActingThread(Thread thread) implements Actor {
  private static final String INTERNALS = "io.nioring.internal.";

  /** The classes of this package whose frames a thread of a host has, waiting or not. */
  private static final List<String> OURS =
      Stream.of(
              ActingThread.class,
              VirtualClock.class,
              SimulationTime.class,
              TimelineScheduler.class,
              RingHost.class,
              HostThreads.class,
              HostExecutor.class)
          .map(Class::getName)
          .toList();

  @Override
  public String describe() {
    return "thread \"" + thread.getName() + "\", " + thread.getState() + place();
  }

  /**
   * Where the program's own code is: our frames say less, and those of the JDK still less. A thread
   * without either is in a pool of the program's, and waits for a task.
   */
  private String place() {
    StackTraceElement[] stack = thread.getStackTrace();
    for (StackTraceElement each : stack) {
      if (isProgram(each)) {
        return " at " + text(each);
      }
    }
    for (StackTraceElement each : stack) {
      if (!isOfJdk(each) && !isOfThread(each)) {
        return " at " + text(each);
      }
      if (each.getClassName().equals(ThreadPoolExecutor.class.getName())) {
        return " at " + text(each) + ", in a pool whose threads count: see RingHost.threadFactory";
      }
    }
    return stack.length == 0 ? "" : " at " + stack[0];
  }

  private static String text(StackTraceElement frame) {
    String method = frame.getClassName() + "." + frame.getMethodName();
    return method + "(line " + frame.getLineNumber() + ")";
  }

  /** What each thread of a host has run through. */
  private static boolean isOfThread(StackTraceElement frame) {
    return frame.getClassName().startsWith(HostThreads.class.getName());
  }

  private static boolean isOfJdk(StackTraceElement frame) {
    String name = frame.getClassName();
    return name.startsWith("java.") || name.startsWith("jdk.") || name.startsWith("sun.");
  }

  private static boolean isProgram(StackTraceElement frame) {
    String name = frame.getClassName();
    return !isOfJdk(frame)
        && !name.startsWith(INTERNALS)
        && OURS.stream().noneMatch(each -> name.equals(each) || name.startsWith(each + "$"));
  }
}
