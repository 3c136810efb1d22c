package io.nioring.contract;

import io.nioring.testkit.Deadline;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/** Asks a fresh selector which operations a channel is ready for. */
final class ReadyOps {
  static final int READ_WRITE = SelectionKey.OP_READ | SelectionKey.OP_WRITE;

  private ReadyOps() {}

  /** The operations of {@code interest} that are ready now; leaves the channel non-blocking. */
  static int now(SelectableChannel channel, int interest) throws IOException {
    channel.configureBlocking(false);
    try (Selector selector = channel.provider().openSelector()) {
      SelectionKey key = channel.register(selector, interest);
      int selected = selector.selectNow();
      int ready = selected == 0 ? 0 : key.readyOps();
      key.cancel();
      selector.selectNow();
      return ready;
    }
  }

  /** Waits until exactly {@code expected} of {@code interest} is ready. */
  static void await(SelectableChannel channel, int interest, int expected) throws IOException {
    Deadline.await(
        "ready ops " + expected + " of " + channel + ", seen " + now(channel, interest),
        () -> now(channel, interest) == expected);
  }
}
