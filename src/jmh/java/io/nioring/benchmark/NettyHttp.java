package io.nioring.benchmark;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
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
  private static final int BODY_BYTES = 128;
  private static final int LARGEST_MESSAGE_BYTES = 64 * 1024;
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
      FullHttpRequest request =
          new DefaultFullHttpRequest(
              HttpVersion.HTTP_1_1, HttpMethod.GET, "/greeting", Unpooled.EMPTY_BUFFER);
      request.headers().set(HttpHeaderNames.HOST, "localhost");
      client.writeAndFlush(request);
    }
  }

  private static final class ServerPipeline extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      channel
          .pipeline()
          .addLast(new HttpServerCodec())
          .addLast(new HttpObjectAggregator(LARGEST_MESSAGE_BYTES))
          .addLast(new Greeter());
    }
  }

  private static final class Greeter extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      FullHttpResponse response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              HttpResponseStatus.OK,
              context.alloc().directBuffer(BODY_BYTES).writeZero(BODY_BYTES));
      response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, BODY_BYTES);
      context.writeAndFlush(response);
    }
  }

  private final class ClientPipeline extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      channel
          .pipeline()
          .addLast(new HttpClientCodec())
          .addLast(new HttpObjectAggregator(LARGEST_MESSAGE_BYTES))
          .addLast(new Asker());
    }
  }

  private final class Asker extends SimpleChannelInboundHandler<FullHttpResponse> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
      if (response.content().readableBytes() != BODY_BYTES) {
        throw new IllegalStateException("a body of " + response.content().readableBytes());
      }
      ask(context.channel());
      unanswered.countDown();
    }
  }
}
