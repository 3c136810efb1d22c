package io.nioring.consumer.netty;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;

/** Opens event loops the way of Netty 4.1. */
final class EventLoops {
  private EventLoops() {}

  static EventLoopGroup open(int threads) {
    return new NioEventLoopGroup(threads);
  }
}
