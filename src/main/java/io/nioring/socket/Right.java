package io.nioring.socket;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.Channel;

/**
 * Something open that a message hands over to its receiver ({@code SCM_RIGHTS} in unix(7)).
 *
 * <p>A right is a {@link ChannelRight}, which moves from the sender to the receiver by reference,
 * or a {@link DescriptorRight}, which is duplicated. In flight it belongs to the connection, which
 * closes it if nobody receives it.
 */
public sealed interface Right extends Closeable permits ChannelRight, DescriptorRight {

  /**
   * A channel to hand over.
   *
   * @param channel an open channel of any kind, ring or not
   * @return the right
   */
  static ChannelRight channel(Channel channel) {
    return new ChannelRight(channel);
  }

  /**
   * A raw file descriptor to hand over. The number alone: the descriptor stays the caller's, who
   * closes it when the message has been sent.
   *
   * @param fd an open descriptor of this process
   * @return the right
   */
  static DescriptorRight descriptor(int fd) {
    return new DescriptorRight(fd, () -> {});
  }

  /**
   * Closes what the right stands for: for a receiver that does not want it. Further calls do
   * nothing.
   *
   * @throws IOException as closing the channel or the descriptor does
   */
  @Override
  void close() throws IOException;
}
