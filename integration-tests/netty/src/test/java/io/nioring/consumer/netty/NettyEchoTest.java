package io.nioring.consumer.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.EventExecutor;
import io.nioring.consumer.Certificate;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Netty's server and client channels of both families: what goes to a server comes back. */
class NettyEchoTest {
  private static final int CONNECTIONS = 50;

  private final EventLoopGroup loops = EventLoops.open(2);
  private final NettyWarnings warnings = new NettyWarnings();
  private Wire wire;

  @BeforeEach
  void watch() {
    wire = Wire.watch();
  }

  @AfterEach
  void end() throws Exception {
    wire.close();
    Groups.close(loops);
    assertEquals(List.of(), warnings.end());
  }

  @ParameterizedTest
  @EnumSource
  void smallMessages(Family family) throws Exception {
    Received received = new Received();
    Channel client = connect(family, serve(family, false), received, false);
    for (int i = 0; i < 500; i++) {
      client.writeAndFlush(Unpooled.copyLong(i));
      received.await(8L * (i + 1));
    }
    client.close().sync();
    wire.ringsCarried(1, 2 * 8 * 500);
  }

  @ParameterizedTest
  @EnumSource
  void largeBodyAndHalfClose(Family family) throws Exception {
    Received received = new Received();
    Channel client = connect(family, serve(family, false), received, false);
    byte[] body = Payload.ofSize(Payload.LARGE);
    client.writeAndFlush(Unpooled.wrappedBuffer(body)).sync();
    if (!family.answersAfterEnd) {
      received.await(body.length);
    }
    ((DuplexChannel) client).shutdownOutput().sync();
    received.awaitEnd();
    assertEquals(body.length, received.count());
    assertEquals(Payload.checksum(body), received.checksum());
    wire.ringsCarried(1, 2L * body.length);
  }

  @ParameterizedTest
  @EnumSource
  void gatheredMessages(Family family) throws Exception {
    Received received = new Received();
    Channel client = connect(family, serve(family, false), received, false);
    byte[] body = Payload.ofSize(1024 * 1024);
    for (int i = 0; i < 1024; i++) {
      client.write(Unpooled.wrappedBuffer(body, i * 1024, 1024));
    }
    client.flush();
    received.await(body.length);
    assertEquals(Payload.checksum(body), received.checksum());
    client.close().sync();
    wire.ringsCarried(1, 2L * body.length);
  }

  @ParameterizedTest
  @EnumSource
  void fiftyConnectionsAtOnce(Family family) throws Exception {
    SocketAddress server = serve(family, false);
    List<Channel> clients = new ArrayList<>();
    List<Received> received = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      received.add(new Received());
      clients.add(connect(family, server, received.get(i), false));
    }
    byte[] body = Payload.ofSize(20_000);
    for (Channel client : clients) {
      client.writeAndFlush(Unpooled.wrappedBuffer(body));
    }
    for (Received one : received) {
      one.await(body.length);
      assertEquals(Payload.checksum(body), one.checksum());
    }
    wire.ringsCarried(CONNECTIONS, 2L * CONNECTIONS * body.length);
    for (Channel client : clients) {
      client.close().sync();
    }
  }

  @ParameterizedTest
  @EnumSource
  void largeBodyOverTls(Family family) throws Exception {
    Received received = new Received();
    Channel client = connect(family, serve(family, true), received, true);
    byte[] body = Payload.ofSize(Payload.LARGE);
    client.writeAndFlush(Unpooled.wrappedBuffer(body)).sync();
    received.await(body.length);
    assertEquals(Payload.checksum(body), received.checksum());
    client.close().sync();
    wire.ringsCarried(1, 2L * body.length);
  }

  @ParameterizedTest
  @EnumSource
  void connectingToNobodyIsRefused(Family family) throws Exception {
    SocketAddress server = serve(family, false);
    Channel client = connect(family, server, new Received(), false);
    client.close().sync();
    servers.get(0).close().sync();
    assertInstanceOf(SocketException.class, failureToConnect(family, server));
  }

  /** A registered listener ends in the kernel with its loop's next select, as on the platform. */
  private Throwable failureToConnect(Family family, SocketAddress server) throws Exception {
    for (EventExecutor loop : loops) {
      loop.submit(() -> {}).sync();
      loop.submit(() -> {}).sync(); // it has selected between the two
    }
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    ChannelFuture tried;
    do {
      tried = bootstrap(family, new Received(), false).connect(server).await();
      tried.channel().close().sync();
    } while (tried.isSuccess() && System.nanoTime() < deadline);
    return tried.cause();
  }

  private final List<Channel> servers = new ArrayList<>();

  private SocketAddress serve(Family family, boolean secure) throws Exception {
    Channel server =
        new ServerBootstrap()
            .group(loops)
            .channel(family.serverType)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, family.answersAfterEnd ? true : null)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    addTls(channel, secure, false);
                    channel.pipeline().addLast(new Echo());
                  }
                })
            .bind(family.freeAddress())
            .sync()
            .channel();
    servers.add(server);
    if (Wire.isRing() && server.localAddress() instanceof UnixDomainSocketAddress unix) {
      assertFalse(Files.exists(unix.getPath()), "the ring's path became a file");
    }
    return server.localAddress();
  }

  private Bootstrap bootstrap(Family family, Received received, boolean secure) {
    return new Bootstrap()
        .group(loops)
        .channel(family.clientType)
        .handler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                addTls(channel, secure, true);
                channel.pipeline().addLast(received);
              }
            });
  }

  private Channel connect(Family family, SocketAddress server, Received received, boolean secure)
      throws Exception {
    return bootstrap(family, received, secure).connect(server).sync().channel();
  }

  private static void addTls(Channel channel, boolean secure, boolean client) {
    if (secure) {
      SSLEngine engine = Certificate.get().context().createSSLEngine();
      engine.setUseClientMode(client);
      channel.pipeline().addLast(new SslHandler(engine));
    }
  }
}
