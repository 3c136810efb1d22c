package io.nioring.internal.stream;

import io.nioring.socket.Right;
import java.util.List;

/** The rights of one message in flight. Immutable, but {@link #take} is for one caller, once. */
sealed interface CarriedRights permits QueuedRights, HeldRights {
  /** The number of rights when they were sent. */
  int count();

  /** The rights, which stay in flight. */
  List<Right> show();

  /** The rights, which are no longer in flight; those that were found unreachable are missing. */
  List<Right> take();
}
