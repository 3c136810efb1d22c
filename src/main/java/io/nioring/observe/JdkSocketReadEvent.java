package io.nioring.observe;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** A read under the name of the JDK's event. */
@Name("jdk.SocketRead")
@Label("Socket Read")
@Description("Reading data from a socket")
@Category("Java Application")
@Threshold("20 ms")
final class JdkSocketReadEvent extends SocketReadEvent {}
