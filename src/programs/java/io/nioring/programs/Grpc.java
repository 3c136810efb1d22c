package io.nioring.programs;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** gRPC over Netty on one connection, with its own executors. */
final class Grpc implements AutoCloseable {
  private static final int MESSAGE_BYTES = 1024;
  private static final MethodDescriptor<byte[], byte[]> UNARY =
      method(MethodDescriptor.MethodType.UNARY, "unary");
  private static final MethodDescriptor<byte[], byte[]> STREAM =
      method(MethodDescriptor.MethodType.BIDI_STREAMING, "stream");

  private final byte[] message = new byte[MESSAGE_BYTES];
  private final NettyLoops loops = new NettyLoops();
  private final Server server;
  private final ManagedChannel channel;

  private Grpc() throws IOException {
    server =
        NettyServerBuilder.forAddress(loops.freeAddress())
            .bossEventLoopGroup(loops.server())
            .workerEventLoopGroup(loops.server())
            .channelType(loops.serverChannel())
            .addService(
                ServerServiceDefinition.builder("Echo")
                    .addMethod(UNARY, ServerCalls.asyncUnaryCall(Grpc::echoOnce))
                    .addMethod(STREAM, ServerCalls.asyncBidiStreamingCall(answers -> answers))
                    .build())
            .build()
            .start();
    channel =
        NettyChannelBuilder.forAddress(server.getListenSockets().get(0))
            .eventLoopGroup(loops.client())
            .channelType(loops.clientChannel())
            .usePlaintext()
            .build();
  }

  /** Keeps so many unary calls under way. */
  static Program.Session openUnary(int outstanding) throws IOException {
    return new Session(new Grpc()) {
      @Override
      public void run(Budget budget) throws Exception {
        Outstanding.run(budget, outstanding, (slot, end) -> grpc().call(end));
      }
    };
  }

  /** Keeps so many messages under way on one stream. */
  static Program.Session openStream(int outstanding) throws IOException {
    return new Session(new Grpc()) {
      @Override
      public void run(Budget budget) throws Exception {
        Echoes echoes = new Echoes();
        StreamObserver<byte[]> requests =
            ClientCalls.asyncBidiStreamingCall(
                grpc().channel.newCall(STREAM, CallOptions.DEFAULT), echoes);
        Outstanding.run(
            budget, outstanding, (slot, end) -> echoes.send(requests, grpc().message, end));
        requests.onCompleted();
      }
    };
  }

  private void call(Outstanding.End end) {
    ClientCalls.asyncUnaryCall(
        channel.newCall(UNARY, CallOptions.DEFAULT),
        message,
        new StreamObserver<>() {
          @Override
          public void onNext(byte[] answer) {}

          @Override
          public void onError(Throwable failure) {
            end.ended(failure);
          }

          @Override
          public void onCompleted() {
            end.ended(null);
          }
        });
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
    loops.close();
  }

  private static void echoOnce(byte[] message, StreamObserver<byte[]> answers) {
    answers.onNext(message);
    answers.onCompleted();
  }

  private static MethodDescriptor<byte[], byte[]> method(
      MethodDescriptor.MethodType type, String name) {
    return MethodDescriptor.newBuilder(new Bytes(), new Bytes())
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName("Echo", name))
        .build();
  }

  /** A session over one connection. */
  private abstract static class Session implements Program.Session {
    private final Grpc grpc;

    Session(Grpc grpc) {
      this.grpc = grpc;
    }

    Grpc grpc() {
      return grpc;
    }

    @Override
    public void close() {
      grpc.close();
    }
  }

  /** The answers of a stream, which come in the order of the messages. */
  private static final class Echoes implements StreamObserver<byte[]> {
    private final Queue<Outstanding.End> unanswered = new ConcurrentLinkedQueue<>();

    /** Sends a message; a stream takes one after the other. */
    synchronized void send(StreamObserver<byte[]> requests, byte[] message, Outstanding.End end) {
      unanswered.add(end);
      requests.onNext(message);
    }

    @Override
    public void onNext(byte[] answer) {
      unanswered.remove().ended(null);
    }

    @Override
    public void onError(Throwable failure) {
      for (Outstanding.End end = unanswered.poll(); end != null; end = unanswered.poll()) {
        end.ended(failure);
      }
    }

    @Override
    public void onCompleted() {}
  }

  /** Messages that are their bytes. */
  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] message) {
      return new ByteArrayInputStream(message);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
