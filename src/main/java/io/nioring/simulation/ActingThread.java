package io.nioring.simulation;

/**
 * A thread that can act.
 *
 * @param thread the thread
 */
record ActingThread(Thread thread) implements Actor {
  @Override
  public String describe() {
    return "thread \"" + thread.getName() + "\", " + thread.getState() + place();
  }

  /** Where the program's own code is: the JDK's frames say less. */
  private String place() {
    StackTraceElement[] stack = thread.getStackTrace();
    for (StackTraceElement each : stack) {
      String name = each.getClassName();
      if (!name.startsWith("java.") && !name.startsWith("jdk.") && !name.startsWith("sun.")) {
        return " at " + name + "." + each.getMethodName() + "(line " + each.getLineNumber() + ")";
      }
    }
    return stack.length == 0 ? "" : " at " + stack[0];
  }
}
