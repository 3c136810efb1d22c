package io.nioring.benchmark;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpResponse;
import io.nioring.http.GreetingHttp;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * HTTP requests over kept-alive connections between a Netty server and a Netty client, each with
 * one event loop: every connection has one request under way, and asks again when answered.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@SuppressWarnings("FutureReturnValueIgnored") // who waits for the answer notices a failure
public class NettyHttp {
  private static final int CONNECTIONS = 16;
  private static final int REQUESTS = 2_000;
  private static final long WAIT_SECONDS = 30;

  @Param({"ring-inet", "tcp"})
  public String transport;

  private final Channel[] clients = new Channel[CONNECTIONS];
  private final AtomicInteger unsent = new AtomicInteger();
  private volatile CountDownLatch unanswered;
  private NettyEnds ends;

  @Setup
  public void open() {
    ends = NettyEnds.open(transport);
    ends.serve(new ServerPipeline());
    for (int i = 0; i < CONNECTIONS; i++) {
      clients[i] = ends.connect(new ClientPipeline());
    }
  }

  @TearDown
  public void close() throws IOException {
    Resources.closeAll(ends);
  }

  @Benchmark
  @OperationsPerInvocation(REQUESTS)
  public void request() throws InterruptedException {
    CountDownLatch answers = new CountDownLatch(REQUESTS);
    unanswered = answers;
    unsent.set(REQUESTS);
    for (Channel client : clients) {
      ask(client);
    }
    if (!answers.await(WAIT_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException(answers.getCount() + " requests were never answered");
    }
  }

  private void ask(Channel client) {
    if (unsent.getAndDecrement() > 0) {
      client.writeAndFlush(GreetingHttp.request());
    }
  }

  private static final class ServerPipeline extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      GreetingHttp.addServer(channel.pipeline());
    }
  }

  private final class ClientPipeline extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      GreetingHttp.addClient(channel.pipeline(), new Asker());
    }
  }

  private final class Asker extends SimpleChannelInboundHandler<FullHttpResponse> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
      IllegalStateException failure = GreetingHttp.failureOf(response);
      if (failure != null) {
        throw failure;
      }
      ask(context.channel());
      unanswered.countDown();
    }
  }
}
