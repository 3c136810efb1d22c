package io.nioring.internal.stream;

import io.nioring.socket.Right;
import java.util.List;

/**
 * The rights in flight to one end. Once that is gone they are closed by whoever takes them; if
 * there is no memory to take them, this object itself waits for that in a list, which needs none.
 */
public abstract class RightsInFlight {
  /** The next in such a list. Guarded by who keeps the list. */
  private RightsInFlight next;

  /** Whether it is in the list. Guarded by who keeps it. */
  private boolean waits;

  /** For subclasses. */
  protected RightsInFlight() {}

  /**
   * Takes all of them.
   *
   * @return the rights, for the caller to close, without a lock
   * @throws OutOfMemoryError if there is no memory for the list; nothing was taken then
   */
  public abstract List<Right> discard();

  /** A list of these, each once. Needs no memory; not thread-safe. */
  public static final class Waiting {
    private RightsInFlight first;

    /** Makes an empty list. */
    public Waiting() {}

    /** Whether none waits. */
    public boolean isEmpty() {
      return first == null;
    }

    /** Adds one unless it is in the list. */
    public void add(RightsInFlight added) {
      if (!added.waits) {
        added.waits = true;
        added.next = first;
        first = added;
      }
    }

    /** Removes one; null if there is none. */
    public RightsInFlight poll() {
      RightsInFlight taken = first;
      if (taken != null) {
        first = taken.next;
        taken.next = null;
        taken.waits = false;
      }
      return taken;
    }
  }
}
