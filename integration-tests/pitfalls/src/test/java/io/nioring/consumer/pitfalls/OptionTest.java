package io.nioring.consumer.pitfalls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Options that libraries set unasked. */
class OptionTest {
  /** HttpComponents; an exception leaves its connection hanging. */
  @Test
  void keepAliveIsTunedOnTcp() throws Exception {
    try (SocketChannel channel = SocketChannel.open()) {
      channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
      channel.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 30);
      channel.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 5);
      channel.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 3);
      assertEquals(30, channel.getOption(ExtendedSocketOptions.TCP_KEEPIDLE));
      assertEquals(5, channel.getOption(ExtendedSocketOptions.TCP_KEEPINTERVAL));
      assertEquals(3, channel.getOption(ExtendedSocketOptions.TCP_KEEPCOUNT));
      assertTrue(channel.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE));
    }
  }

  /** HttpComponents tells TCP from Unix by this; Jetty sets it and expects the exception. */
  @Test
  void tcpOptionsAreNoneOfUnixChannels() throws Exception {
    try (SocketChannel channel = SocketChannel.open(Family.UNIX.protocol)) {
      assertFalse(channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY));
      assertThrows(
          UnsupportedOperationException.class,
          () -> channel.setOption(StandardSocketOptions.TCP_NODELAY, true));
      assertThrows(
          UnsupportedOperationException.class,
          () -> channel.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 30));
    }
  }

  /** The JDK's HttpClient, JeroMQ, Hadoop. */
  @Test
  void noDelayAndReuseAddressReadBack() throws Exception {
    try (SocketChannel client = SocketChannel.open();
        ServerSocketChannel server = ServerSocketChannel.open()) {
      assertTrue(client.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY));
      client.setOption(StandardSocketOptions.TCP_NODELAY, true);
      assertTrue(client.getOption(StandardSocketOptions.TCP_NODELAY));
      server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      assertTrue(server.getOption(StandardSocketOptions.SO_REUSEADDR));
    }
  }

  /** Netty sizes its writes by them, also on Unix channels. */
  @ParameterizedTest
  @EnumSource
  void bufferSizesArePositive(Family family) throws Exception {
    try (SocketChannel unconnected = SocketChannel.open(family.protocol);
        Connection connection = Connection.open(family)) {
      assertSizes(unconnected);
      assertSizes(connection.client());
      assertSizes(connection.accepted());
      connection.client().setOption(StandardSocketOptions.SO_SNDBUF, 65_536);
      assertSizes(connection.client());
    }
  }

  private static void assertSizes(SocketChannel channel) throws IOException {
    assertTrue(channel.getOption(StandardSocketOptions.SO_SNDBUF) > 0);
    assertTrue(channel.getOption(StandardSocketOptions.SO_RCVBUF) > 0);
  }
}
