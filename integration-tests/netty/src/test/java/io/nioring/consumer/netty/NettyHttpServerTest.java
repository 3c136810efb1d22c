package io.nioring.consumer.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslHandler;
import io.nioring.consumer.HttpServerContract;
import io.nioring.consumer.Payload;
import java.net.InetSocketAddress;
import java.net.URI;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** An HTTP server of Netty's codecs. */
class NettyHttpServerTest extends HttpServerContract {
  @Override
  protected Running start() throws Exception {
    return startSecure(null);
  }

  @Override
  protected Running startSecure(SSLContext context) throws Exception {
    EventLoopGroup loops = EventLoops.open(2);
    Channel server =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childHandler(new Pipeline(context))
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
    return new Running(
        ((InetSocketAddress) server.localAddress()).getPort(), () -> Groups.close(loops));
  }

  /** What a connection passes through. */
  private final class Pipeline extends ChannelInitializer<SocketChannel> {
    private final SSLContext context;

    Pipeline(SSLContext context) {
      this.context = context;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
      if (context != null) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        channel.pipeline().addLast(new SslHandler(engine));
      }
      channel
          .pipeline()
          .addLast(new HttpServerCodec(), new HttpObjectAggregator(2 * Payload.LARGE))
          .addLast(new Answers());
    }
  }

  /** Answers the requests of the contract. */
  private final class Answers extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      URI uri = URI.create(request.uri());
      boolean goOn = HttpUtil.isKeepAlive(request);
      switch (uri.getPath()) {
        case "/small" -> answer(context, text(uri.getQuery()), goOn);
        case "/echo" -> answer(context, request.content().retain(), goOn);
        case "/meet" -> meeting().arrive().thenRun(() -> answer(context, text("met"), goOn));
        default -> throw new IllegalArgumentException("unexpected " + uri);
      }
    }

    private ByteBuf text(String text) {
      return Unpooled.copiedBuffer(text, US_ASCII);
    }

    private void answer(ChannelHandlerContext context, ByteBuf body, boolean goOn) {
      FullHttpResponse response =
          new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, body);
      response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
      context
          .writeAndFlush(response)
          .addListener(goOn ? future -> {} : (ChannelFutureListener) ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
