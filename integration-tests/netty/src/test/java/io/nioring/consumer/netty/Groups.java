package io.nioring.consumer.netty;

import io.netty.channel.EventLoopGroup;
import java.util.concurrent.TimeUnit;

/** Ends event loops. */
final class Groups {
  private Groups() {}

  static void close(EventLoopGroup loops) throws InterruptedException {
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS);
    if (!loops.awaitTermination(30, TimeUnit.SECONDS)) {
      throw new AssertionError("event loops did not end");
    }
  }
}
