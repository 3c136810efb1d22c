/**
 * A {@link java.nio.channels.spi.SelectorProvider} whose channels connect inside one JVM through
 * byte rings in memory instead of kernel sockets.
 */
@SuppressWarnings("requires-automatic") // jnr-posix has no module descriptor.
module io.nioring {
  exports io.nioring;
  exports io.nioring.junit;
  exports io.nioring.route;
  exports io.nioring.simulation;
  exports io.nioring.socket;

  requires transitive io.netty.buffer;
  requires io.netty.common;
  requires static java.instrument;
  requires static java.management;
  requires static jdk.management;
  requires jdk.net;
  requires jdk.unsupported;
  requires org.jnrproject.posix;
  requires static transitive org.junit.jupiter.api;

  provides java.nio.channels.spi.SelectorProvider with
      io.nioring.RingSelectorProvider;
}
