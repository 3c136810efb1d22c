package io.nioring.consumer.netty;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;

/** Opens event loops the way of Netty 4.2. */
final class EventLoops {
  private EventLoops() {}

  static EventLoopGroup open(int threads) {
    return new MultiThreadIoEventLoopGroup(threads, NioIoHandler.newFactory());
  }
}
