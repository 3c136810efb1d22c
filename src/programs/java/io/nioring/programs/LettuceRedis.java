package io.nioring.programs;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ConnectionBuilder;
import io.lettuce.core.ConnectionEvents;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.protocol.ProtocolVersion;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.redis.ArrayRedisMessage;
import io.netty.handler.codec.redis.BulkStringRedisContent;
import io.netty.handler.codec.redis.FullBulkStringRedisMessage;
import io.netty.handler.codec.redis.RedisArrayAggregator;
import io.netty.handler.codec.redis.RedisBulkStringAggregator;
import io.netty.handler.codec.redis.RedisDecoder;
import io.netty.handler.codec.redis.RedisEncoder;
import io.netty.handler.codec.redis.SimpleStringRedisMessage;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import reactor.core.publisher.Mono;

/** Lettuce's client of Redis, and a server made of Netty that knows the commands it sends. */
@SuppressWarnings("FutureReturnValueIgnored") // who waits for the answer notices a failure
final class LettuceRedis implements Program.Session {
  private static final int MOST_ELEMENTS = 64;
  private static final int MOST_DEPTH = 4;
  private static final String VALUE = "v".repeat(100);

  private final NettyLoops loops = new NettyLoops();
  private final RedisClient client;
  private final StatefulRedisConnection<String, String> connection;
  private final int outstanding;

  private LettuceRedis(int outstanding) throws InterruptedException {
    this.outstanding = outstanding;
    SocketAddress address =
        new ServerBootstrap()
            .group(loops.server())
            .channel(loops.serverChannel())
            .childHandler(new ServerPipeline())
            .bind(loops.freeAddress())
            .sync()
            .channel()
            .localAddress();
    client = client(address);
    client.setOptions(ClientOptions.builder().protocolVersion(ProtocolVersion.RESP2).build());
    connection = client.connect();
  }

  private RedisClient client(SocketAddress address) {
    return address instanceof InetSocketAddress socket
        ? RedisClient.create(RedisURI.create(socket.getHostString(), socket.getPort()))
        : new LocalClient(address, loops);
  }

  static Program.Session open(int outstanding) throws InterruptedException {
    return new LettuceRedis(outstanding);
  }

  @Override
  public void run(Budget budget) throws Exception {
    RedisAsyncCommands<String, String> commands = connection.async();
    Outstanding.run(
        budget,
        outstanding,
        (slot, end) -> commands.get("key").whenComplete((value, failure) -> end.ended(failure)));
  }

  @Override
  public void close() {
    connection.close();
    client.shutdown();
    loops.close();
  }

  /** A client whose only connection is one of Netty's local channels. */
  private static final class LocalClient extends RedisClient {
    private static final RedisURI UNUSED = RedisURI.create("local", 1);

    private final SocketAddress address;
    private final NettyLoops loops;

    LocalClient(SocketAddress address, NettyLoops loops) {
      super(null, UNUSED);
      this.address = address;
      this.loops = loops;
    }

    @Override
    protected void connectionBuilder(
        Mono<SocketAddress> remote,
        ConnectionBuilder builder,
        ConnectionEvents events,
        RedisURI uri) {
      super.connectionBuilder(Mono.just(address), builder, events, uri);
      builder.bootstrap(
          new Bootstrap().group(loops.client()).channel(loops.clientChannel()).disableResolver());
    }
  }

  private static final class ServerPipeline extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      channel
          .pipeline()
          .addLast(new RedisDecoder())
          .addLast(new RedisBulkStringAggregator())
          .addLast(new RedisArrayAggregator(MOST_ELEMENTS, MOST_DEPTH))
          .addLast(new RedisEncoder())
          .addLast(new Store());
    }
  }

  /** A store in which each key has the same value. */
  private static final class Store extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      try {
        BulkStringRedisContent command =
            (BulkStringRedisContent) ((ArrayRedisMessage) message).children().get(0);
        boolean get = command.content().readableBytes() == "GET".length();
        context.write(get ? value(context) : new SimpleStringRedisMessage("OK"));
      } finally {
        ReferenceCountUtil.release(message);
      }
    }

    private static FullBulkStringRedisMessage value(ChannelHandlerContext context) {
      return new FullBulkStringRedisMessage(
          context
              .alloc()
              .directBuffer(VALUE.length())
              .writeBytes(VALUE.getBytes(StandardCharsets.US_ASCII)));
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      context.flush();
    }
  }
}
