package io.nioring;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Objects;

/**
 * Two channels that are connected with one another; see {@link RingNetwork#socketPair()}.
 *
 * @param first one end
 * @param second the other end
 */
public record SocketPair(SocketChannel first, SocketChannel second) implements Closeable {

  /**
   * Makes a value.
   *
   * @param first one end
   * @param second the other end
   * @throws NullPointerException if an end is null
   */
  public SocketPair {
    Objects.requireNonNull(first, "first");
    Objects.requireNonNull(second, "second");
  }

  /**
   * Closes both ends.
   *
   * @throws IOException the first failure, a second one as suppressed
   */
  @Override
  public void close() throws IOException {
    try (first) {
      second.close();
    }
  }
}
