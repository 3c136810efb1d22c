package io.nioring.consumer.simulation;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.DefaultSelectStrategyFactory;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.timeout.ReadTimeoutException;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.concurrent.Ticker;
import io.nioring.junit.Host;
import io.nioring.junit.RingNetworkExtension;
import io.nioring.simulation.RingHost;
import io.nioring.simulation.Simulation;
import io.nioring.simulation.SimulationConfig;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Netty's read timeout of half an hour, in virtual time. */
class NettyReadTimeoutTest {
  private static final Duration TIMEOUT = Duration.ofMinutes(30);

  @RegisterExtension
  final RingNetworkExtension network =
      RingNetworkExtension.with(SimulationConfig.builder().virtualTime(true).build());

  /** Event loops on a host's threads, whose time is the simulation's. */
  private static final class HostLoops extends MultiThreadIoEventLoopGroup {
    HostLoops(Simulation sim, RingHost host) {
      super(
          1,
          host.threadFactory(),
          NioIoHandler.newFactory(host.provider(), DefaultSelectStrategyFactory.INSTANCE),
          sim);
    }

    @Override
    protected IoEventLoop newChild(Executor executor, IoHandlerFactory factory, Object... args) {
      Ticker ticker = new SimulationTicker((Simulation) args[0]);
      return new SingleThreadIoEventLoop(this, executor, factory) {
        @Override
        public Ticker ticker() {
          return ticker;
        }

        @Override
        protected long delayNanos(long systemNanos) {
          return super.delayNanos(ticker.nanoTime()); // NioIoHandler asks System.nanoTime() itself
        }
      };
    }
  }

  private record SimulationTicker(Simulation sim) implements Ticker {
    @Override
    public long initialNanoTime() {
      return 0;
    }

    @Override
    public long nanoTime() {
      return sim.elapsed().toNanos();
    }

    @Override
    public void sleep(long delay, TimeUnit unit) {
      throw new UnsupportedOperationException("no event loop sleeps");
    }
  }

  /** Tells what a channel has failed by. */
  private static final class Failures extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<Throwable> first = new CompletableFuture<>();

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      first.complete(cause);
      context.close();
    }
  }

  @Test
  void aServerThatIsSilentIsGivenUp(
      Simulation sim, @Host("client") RingHost client, @Host("db") RingHost db) throws Exception {
    HostLoops loops = new HostLoops(sim, client);
    Failures failures = new Failures();
    ChannelFactory<Channel> channels = () -> new NioSocketChannel(client.provider());
    try (ServerSocketChannel server =
        db.provider().openServerSocketChannel().bind(new InetSocketAddress(5432))) {
      new Bootstrap()
          .group(loops)
          .channelFactory(channels)
          .handler(
              new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel channel) {
                  channel
                      .pipeline()
                      .addLast(new ReadTimeoutHandler(TIMEOUT.toSeconds(), TimeUnit.SECONDS))
                      .addLast(failures);
                }
              })
          .connect(new InetSocketAddress(db.address(), 5432));
      try (SocketChannel accepted = server.accept()) {
        assertTrue(accepted.isConnected());
        assertInstanceOf(ReadTimeoutException.class, failures.first.get(20, TimeUnit.SECONDS));
      }
      assertTrue(sim.elapsed().compareTo(TIMEOUT) >= 0, () -> "after " + sim.elapsed());
    } finally {
      loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS);
    }
  }
}
