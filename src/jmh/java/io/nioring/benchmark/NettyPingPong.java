package io.nioring.benchmark;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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

/** 64 bytes there and back between two Netty event loops; Netty's own in-process transport too. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("FutureReturnValueIgnored") // who waits for the answer notices a failure
public class NettyPingPong {
  private static final int MESSAGE_BYTES = 64;
  private static final int ROUND_TRIPS = 1_000;
  private static final long WAIT_SECONDS = 30;

  @Param({"ring-inet", "tcp", "local"})
  public String transport;

  private final Bouncer bouncer = new Bouncer();
  private NettyEnds ends;
  private Channel client;

  @Setup
  public void open() {
    ends = NettyEnds.open(transport);
    ends.serve(initializer(new Echo()));
    client = ends.connect(initializer(bouncer));
  }

  @TearDown
  public void close() throws IOException {
    client.close().syncUninterruptibly();
    Resources.closeAll(ends);
  }

  @Benchmark
  @OperationsPerInvocation(ROUND_TRIPS)
  public void roundTrip() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    bouncer.done = done;
    client.writeAndFlush(client.alloc().directBuffer().writeZero(MESSAGE_BYTES));
    if (!done.await(WAIT_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("no answer within " + WAIT_SECONDS + " s");
    }
  }

  private static ChannelInitializer<Channel> initializer(ChannelInboundHandlerAdapter handler) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        channel.pipeline().addLast(handler);
      }
    };
  }

  /** Sends back what comes. */
  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.writeAndFlush(message);
    }
  }

  /** Sends each answer off again until enough round trips are made. */
  private static final class Bouncer extends ChannelInboundHandlerAdapter {
    volatile CountDownLatch done;
    private int received;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf answer = (ByteBuf) message;
      received += answer.readableBytes();
      if (received < MESSAGE_BYTES * ROUND_TRIPS) {
        context.writeAndFlush(answer);
        return;
      }
      received = 0;
      answer.release();
      done.countDown();
    }
  }
}
