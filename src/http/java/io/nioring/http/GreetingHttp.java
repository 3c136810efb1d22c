package io.nioring.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
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

/** The requests and responses that benchmarks exchange by Netty's HTTP, and their handlers. */
public final class GreetingHttp {
  private static final int BODY_BYTES = 128;
  private static final int LARGEST_MESSAGE_BYTES = 64 * 1024;

  private GreetingHttp() {}

  /** Adds what a server's connection needs. */
  public static void addServer(ChannelPipeline pipeline) {
    pipeline
        .addLast(new HttpServerCodec())
        .addLast(new HttpObjectAggregator(LARGEST_MESSAGE_BYTES))
        .addLast(new Greeter());
  }

  /** Adds what a client's connection needs, and the handler of its responses. */
  public static void addClient(
      ChannelPipeline pipeline, SimpleChannelInboundHandler<FullHttpResponse> handler) {
    pipeline
        .addLast(new HttpClientCodec())
        .addLast(new HttpObjectAggregator(LARGEST_MESSAGE_BYTES))
        .addLast(handler);
  }

  /** A request. */
  public static FullHttpRequest request() {
    FullHttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1, HttpMethod.GET, "/greeting", Unpooled.EMPTY_BUFFER);
    request.headers().set(HttpHeaderNames.HOST, "localhost");
    return request;
  }

  /** What is wrong with a response; null if nothing is. */
  public static IllegalStateException failureOf(FullHttpResponse response) {
    int bytes = response.content().readableBytes();
    return bytes == BODY_BYTES ? null : new IllegalStateException("a body of " + bytes + " bytes");
  }

  private static final class Greeter extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // who waits for the answer notices a failure
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
}
