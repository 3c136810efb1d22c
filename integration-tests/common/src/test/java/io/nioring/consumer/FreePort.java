package io.nioring.consumer;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A port for those who have to be told one before they listen. */
public final class FreePort {
  private static final Set<Integer> FOUND = ConcurrentHashMap.newKeySet();

  private FreePort() {}

  /** A port that nobody had a moment ago at any address of this machine, another one each time. */
  public static int find() throws IOException {
    int port = probe();
    while (!FOUND.add(port)) {
      port = probe();
    }
    return port;
  }

  private static int probe() throws IOException {
    try (ServerSocketChannel channel = ServerSocketChannel.open()) {
      channel.bind(new InetSocketAddress(0));
      return channel.socket().getLocalPort();
    }
  }
}
