package io.nioring.simulation;

import java.lang.ref.WeakReference;

/**
 * A task on its way to a thread. It keeps neither the task nor its executor: a task that was lost
 * has to be detected.
 */
final class HandedOver implements Actor {
  private final WeakReference<Runnable> task;
  private final WeakReference<Object> to;
  private final String name;
  private final String from = Thread.currentThread().getName();

  /**
   * Makes one.
   *
   * @param task what the executor is given
   * @param name what it is
   * @param to the executor
   */
  HandedOver(Runnable task, String name, Object to) {
    this.task = new WeakReference<>(task);
    this.to = new WeakReference<>(to);
    this.name = name;
  }

  /** Whether nobody has the task any more, so that it never runs. */
  boolean isLost() {
    return task.refersTo(null);
  }

  @Override
  public String describe() {
    Object executor = to.get();
    return "a task that has not begun: "
        + name
        + ", which thread \""
        + from
        + "\" gave to "
        + (executor == null ? "an executor that is gone" : executor);
  }
}
