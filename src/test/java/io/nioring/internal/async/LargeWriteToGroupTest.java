package io.nioring.internal.async;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingAsynchronousChannelProvider;
import io.nioring.RingNetwork;
import io.nioring.testkit.Background;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The executor of a group is code of users, and not called with the lock of a write. */
class LargeWriteToGroupTest {
  private static final int BYTES = 300_000;
  private static final int WAIT_SECONDS = 60;

  /** Waits in {@code execute} for another write to a channel, once. */
  private static final class Writing extends ThreadPoolExecutor {
    private final CompletableFuture<Integer> written = new CompletableFuture<>();
    private volatile SocketChannel channel;

    Writing() {
      super(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
    }

    @Override
    public void execute(Runnable task) {
      SocketChannel to = channel;
      if (to != null) {
        channel = null;
        try {
          written.complete(
              Background.run(() -> to.write(ByteBuffer.allocate(1)))
                  .get(WAIT_SECONDS, TimeUnit.SECONDS));
        } catch (Exception e) {
          written.completeExceptionally(e);
        }
      }
      super.execute(task);
    }
  }

  @Test
  void anExecutorMayWaitForAnotherWrite() throws Exception {
    SocketAddress address = new InetSocketAddress("10.1.2.3", 80);
    Writing executor = new Writing();
    try (RingNetwork network = RingNetwork.open()) {
      RingAsynchronousChannelProvider provider = network.asynchronousProvider();
      AsynchronousChannelGroup group = provider.openAsynchronousChannelGroup(executor, 0);
      try (ServerSocketChannel server = network.provider().openServerSocketChannel().bind(address);
          AsynchronousSocketChannel reader = provider.openAsynchronousSocketChannel(group)) {
        reader.connect(address).get(WAIT_SECONDS, TimeUnit.SECONDS);
        SocketChannel writer = server.accept();
        CompletableFuture<Integer> read = new CompletableFuture<>();
        reader.read(ByteBuffer.allocate(BYTES + 1), read, completing());
        executor.channel = writer;

        assertThat(writer.write(ByteBuffer.allocate(BYTES))).isEqualTo(BYTES);

        assertThat(executor.written.get(WAIT_SECONDS, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(read.get(WAIT_SECONDS, TimeUnit.SECONDS)).isEqualTo(BYTES + 1);
      }
      group.shutdownNow();
    } finally {
      executor.shutdownNow();
    }
  }

  private static CompletionHandler<Integer, CompletableFuture<Integer>> completing() {
    return new CompletionHandler<>() {
      @Override
      public void completed(Integer count, CompletableFuture<Integer> read) {
        read.complete(count);
      }

      @Override
      public void failed(Throwable failure, CompletableFuture<Integer> read) {
        read.completeExceptionally(failure);
      }
    };
  }
}
