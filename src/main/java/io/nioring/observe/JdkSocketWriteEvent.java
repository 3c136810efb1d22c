package io.nioring.observe;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** A write under the name that the JDK has for those of its own sockets. */
@Name("jdk.SocketWrite")
@Label("Socket Write")
@Description("Writing data to a socket")
@Category("Java Application")
@Threshold("20 ms")
final class JdkSocketWriteEvent extends SocketWriteEvent {}
