package io.nioring.programs;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
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

/** Netty's HTTP server and client, with one request under way on each connection. */
@SuppressWarnings("FutureReturnValueIgnored") // who waits for the answer notices a failure
final class NettyHttp implements Program.Session {
  private static final int BODY_BYTES = 128;
  private static final int LARGEST_MESSAGE_BYTES = 64 * 1024;

  private final NettyLoops loops = new NettyLoops();
  private final Channel[] clients;
  private final Asker[] askers;

  private NettyHttp(int connections) throws InterruptedException {
    Channel server =
        new ServerBootstrap()
            .group(loops.server())
            .channel(loops.serverChannel())
            .childHandler(initializer(NettyHttp::serve))
            .bind(loops.freeAddress())
            .sync()
            .channel();
    clients = new Channel[connections];
    askers = new Asker[connections];
    for (int i = 0; i < connections; i++) {
      Asker asker = new Asker();
      askers[i] = asker;
      clients[i] =
          new Bootstrap()
              .group(loops.client())
              .channel(loops.clientChannel())
              .handler(initializer(pipeline -> ask(pipeline, asker)))
              .connect(server.localAddress())
              .sync()
              .channel();
    }
  }

  static Program.Session open(int connections) throws InterruptedException {
    return new NettyHttp(connections);
  }

  @Override
  public void run(Budget budget) throws Exception {
    Outstanding.run(budget, clients.length, (slot, end) -> askers[slot].ask(clients[slot], end));
  }

  @Override
  public void close() {
    loops.close();
  }

  private static void serve(ChannelPipeline pipeline) {
    pipeline
        .addLast(new HttpServerCodec())
        .addLast(new HttpObjectAggregator(LARGEST_MESSAGE_BYTES))
        .addLast(new Greeter());
  }

  private static void ask(ChannelPipeline pipeline, Asker asker) {
    pipeline
        .addLast(new HttpClientCodec())
        .addLast(new HttpObjectAggregator(LARGEST_MESSAGE_BYTES))
        .addLast(asker);
  }

  private static ChannelInitializer<Channel> initializer(Pipelines pipelines) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        pipelines.fill(channel.pipeline());
      }
    };
  }

  /** Puts handlers into a pipeline. */
  @FunctionalInterface
  private interface Pipelines {
    void fill(ChannelPipeline pipeline);
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
      context.writeAndFlush(response, context.voidPromise());
    }
  }

  private static final class Asker extends SimpleChannelInboundHandler<FullHttpResponse> {
    private volatile Outstanding.End end;

    void ask(Channel channel, Outstanding.End whenAnswered) {
      end = whenAnswered;
      FullHttpRequest request =
          new DefaultFullHttpRequest(
              HttpVersion.HTTP_1_1, HttpMethod.GET, "/greeting", Unpooled.EMPTY_BUFFER);
      request.headers().set(HttpHeaderNames.HOST, "localhost");
      channel.writeAndFlush(request, channel.voidPromise());
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
      int bytes = response.content().readableBytes();
      end.ended(bytes == BODY_BYTES ? null : new IllegalStateException("a body of " + bytes));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      end.ended(cause);
    }
  }
}
