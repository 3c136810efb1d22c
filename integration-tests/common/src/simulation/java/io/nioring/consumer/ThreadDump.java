package io.nioring.consumer;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.Arrays;
import java.util.stream.Collectors;

/** What the threads of this JVM do, as a failure's suppressed exception. */
public final class ThreadDump extends Exception {
  private static final long serialVersionUID = 1L;

  private ThreadDump(String message) {
    super(message, null, false, false);
  }

  /**
   * Adds what they do now to a failure.
   *
   * @param failure what was thrown
   */
  public static void addTo(Throwable failure) {
    failure.addSuppressed(
        new ThreadDump(
            Arrays.stream(ManagementFactory.getThreadMXBean().dumpAllThreads(true, true))
                .map(ThreadDump::describe)
                .collect(Collectors.joining("\n", "threads:\n", ""))));
  }

  /** As {@link ThreadInfo#toString()}, which leaves out all but eight frames. */
  private static String describe(ThreadInfo thread) {
    String lock =
        thread.getLockName() == null
            ? ""
            : " on " + thread.getLockName() + " of " + thread.getLockOwnerName();
    return Arrays.stream(thread.getStackTrace())
        .map(frame -> "    at " + frame)
        .collect(
            Collectors.joining(
                "\n",
                "  \"" + thread.getThreadName() + "\" " + thread.getThreadState() + lock + "\n",
                ""));
  }
}
