package io.nioring.consumer;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;

/** A port for those who have to be told one before they listen. */
public final class FreePort {
  private FreePort() {}

  /** A port of 127.0.0.1 that nobody had a moment ago. */
  public static int find() throws IOException {
    try (ServerSocketChannel channel = ServerSocketChannel.open()) {
      channel.bind(new InetSocketAddress("127.0.0.1", 0));
      return channel.socket().getLocalPort();
    }
  }
}
