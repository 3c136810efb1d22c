package io.nioring.observe;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** A read under a name of this library. */
@Name("nioring.SocketRead")
@Label("Ring Socket Read")
@Description("Reading data from a socket")
@Category("nioring")
@Threshold("20 ms")
final class RingSocketReadEvent extends SocketReadEvent {}
