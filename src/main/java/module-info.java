/**
 * A {@link java.nio.channels.spi.SelectorProvider} whose channels connect inside one JVM through
 * byte rings in memory instead of kernel sockets.
 */
// Neither jnr-posix nor Micrometer has a module descriptor. The listener of JUnit's launcher is not
// provided here, but on the class path alone: a module whose service is of a module that a program
// does not have is not resolved.
@SuppressWarnings("requires-automatic")
module io.nioring {
  exports io.nioring;
  exports io.nioring.junit;
  exports io.nioring.observe;
  exports io.nioring.route;
  exports io.nioring.simulation;
  exports io.nioring.socket;

  requires transitive io.netty.buffer;
  requires io.netty.common;
  requires static info.picocli;
  requires static java.instrument;
  requires static java.management;
  requires static java.management.rmi;
  requires static jdk.attach;
  requires static jdk.jfr;
  requires static jdk.management;
  requires static micrometer.core;
  requires jdk.net;
  requires jdk.unsupported;
  requires org.jnrproject.posix;
  requires static org.junit.jupiter.api;
  requires static org.junit.platform.launcher;

  uses io.nioring.internal.network.Insight;

  opens io.nioring.cli to
      info.picocli;

  provides io.nioring.internal.network.Insight with
      io.nioring.observe.InsightProvider;
  provides java.nio.channels.spi.SelectorProvider with
      io.nioring.RingSelectorProvider;
}
