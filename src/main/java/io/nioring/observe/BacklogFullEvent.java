package io.nioring.observe;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A connect that met a full queue. */
@Name("nioring.BacklogFull")
@Label("Backlog Full")
@Description("A connect found the queue of its listener full")
@Category("nioring")
final class BacklogFullEvent extends Event {
  @Label("Listener")
  String listener;

  @Label("Backlog")
  int backlog;
}
