package io.nioring.programs;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpResponse;
import io.nioring.http.GreetingHttp;

/** Netty's HTTP server and client, with one request under way on each connection. */
@SuppressWarnings("FutureReturnValueIgnored") // who waits for the answer notices a failure
final class NettyHttp implements Program.Session {
  private final NettyLoops loops = new NettyLoops();
  private final Channel[] clients;
  private final Asker[] askers;

  private NettyHttp(int connections) throws InterruptedException {
    Channel server =
        new ServerBootstrap()
            .group(loops.server())
            .channel(loops.serverChannel())
            .childHandler(initializer(GreetingHttp::addServer))
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
              .handler(initializer(pipeline -> GreetingHttp.addClient(pipeline, asker)))
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

  private static final class Asker extends SimpleChannelInboundHandler<FullHttpResponse> {
    private volatile Outstanding.End end;

    void ask(Channel channel, Outstanding.End whenAnswered) {
      end = whenAnswered;
      channel.writeAndFlush(GreetingHttp.request(), channel.voidPromise());
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
      end.ended(GreetingHttp.failureOf(response));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      end.ended(cause);
    }
  }
}
