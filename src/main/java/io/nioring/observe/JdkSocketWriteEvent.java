package io.nioring.observe;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** A write under the name of the JDK's event. */
@Name("jdk.SocketWrite")
@Label("Socket Write")
@Description("Writing data to a socket")
@Category("Java Application")
@Threshold("20 ms")
final class JdkSocketWriteEvent extends SocketWriteEvent {}
