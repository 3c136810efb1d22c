package io.nioring.socket;

import java.io.IOException;
import java.nio.channels.Channel;
import java.util.Objects;

/**
 * An open channel that is handed over by reference.
 *
 * <p>It is the same object on both sides, so it has one owner at a time. The sender owns it until a
 * send has taken at least a byte; then the connection does, until a receive that is no peek makes
 * the receiver the owner. A channel that is registered with a selector stays registered: a sender
 * cancels its keys first.
 *
 * @param channel the channel
 */
public record ChannelRight(Channel channel) implements Right {

  /**
   * Makes a right.
   *
   * @param channel the channel
   * @throws NullPointerException if the channel is null
   */
  public ChannelRight {
    Objects.requireNonNull(channel, "channel");
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
