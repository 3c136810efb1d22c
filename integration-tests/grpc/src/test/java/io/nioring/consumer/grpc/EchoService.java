package io.nioring.consumer.grpc;

import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** A service of plain bytes, without generated code. */
final class EchoService {
  static final MethodDescriptor<byte[], byte[]> UNARY =
      method(MethodDescriptor.MethodType.UNARY, "unary");
  static final MethodDescriptor<byte[], byte[]> STREAM =
      method(MethodDescriptor.MethodType.BIDI_STREAMING, "stream");

  private EchoService() {}

  private static MethodDescriptor<byte[], byte[]> method(
      MethodDescriptor.MethodType type, String name) {
    return MethodDescriptor.newBuilder(new Bytes(), new Bytes())
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName("Echo", name))
        .build();
  }

  static ServerServiceDefinition definition() {
    return ServerServiceDefinition.builder("Echo")
        .addMethod(UNARY, ServerCalls.asyncUnaryCall(EchoService::echoOnce))
        .addMethod(STREAM, ServerCalls.asyncBidiStreamingCall(EchoService::echoEach))
        .build();
  }

  private static void echoOnce(byte[] message, StreamObserver<byte[]> answers) {
    answers.onNext(message);
    answers.onCompleted();
  }

  private static StreamObserver<byte[]> echoEach(StreamObserver<byte[]> answers) {
    return answers;
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
