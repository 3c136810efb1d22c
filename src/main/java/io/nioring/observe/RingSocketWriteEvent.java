package io.nioring.observe;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** A write under a name of this library. */
@Name("nioring.SocketWrite")
@Label("Ring Socket Write")
@Description("Writing data to a socket")
@Category("nioring")
@Threshold("20 ms")
final class RingSocketWriteEvent extends SocketWriteEvent {}
