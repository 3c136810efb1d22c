package io.nioring.consumer.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.nioring.consumer.Certificate;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** gRPC's server and client over Netty: HTTP/2 with many calls on a connection. */
class GrpcTest {
  private static final int CONNECTIONS = 50;

  private final List<ManagedChannel> channels = new ArrayList<>();
  private Server server;
  private Wire wire;

  @BeforeEach
  void watch() {
    wire = Wire.watch();
  }

  @AfterEach
  void end() throws Exception {
    wire.close();
    channels.forEach(ManagedChannel::shutdown);
    for (ManagedChannel channel : channels) {
      channel.awaitTermination(30, TimeUnit.SECONDS);
    }
    server.shutdownNow().awaitTermination(30, TimeUnit.SECONDS);
  }

  @Test
  void smallCallsShareOneConnection() throws Exception {
    serve(null);
    ManagedChannel channel = connect(null);
    for (int i = 0; i < 300; i++) {
      byte[] message = {(byte) i, (byte) (i >> 8)};
      assertEquals(
          Payload.checksum(message), Payload.checksum(call(channel, EchoService.UNARY, message)));
    }
    wire.ringsCarried(1, 300 * 2);
    assertEquals(Wire.isPlatform() ? 0 : 1, wire.connections());
  }

  @Test
  void largeMessageGoesBothWays() throws Exception {
    serve(null);
    echoMessage(connect(null), Payload.LARGE);
    wire.ringsCarried(1, 2L * Payload.LARGE);
  }

  @Test
  void largeMessageGoesBothWaysOverTls() throws Exception {
    serve(serverContext());
    echoMessage(connect(clientContext()), Payload.LARGE);
    wire.ringsCarried(1, 2L * Payload.LARGE);
  }

  @Test
  void streamOfMessagesIsEndedByEitherSide() throws Exception {
    serve(null);
    Collector answers = new Collector();
    StreamObserver<byte[]> requests =
        ClientCalls.asyncBidiStreamingCall(
            connect(null).newCall(EchoService.STREAM, CallOptions.DEFAULT), answers);
    for (int i = 0; i < 1000; i++) {
      requests.onNext(Payload.ofSize(i));
    }
    requests.onCompleted();
    assertEquals(1000, answers.all().get(60, TimeUnit.SECONDS).size());
    wire.ringsCarried(1, 1000 * 1000);
  }

  @Test
  void fiftyConnectionsAtOnce() throws Exception {
    serve(null);
    byte[] message = Payload.ofSize(10_000);
    List<CompletableFuture<List<byte[]>>> answers = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      Collector collector = new Collector();
      ClientCalls.asyncUnaryCall(
          connect(null).newCall(EchoService.UNARY, CallOptions.DEFAULT), message, collector);
      answers.add(collector.all());
    }
    for (CompletableFuture<List<byte[]>> answer : answers) {
      byte[] echoed = answer.get(60, TimeUnit.SECONDS).get(0);
      assertEquals(Payload.checksum(message), Payload.checksum(echoed));
    }
    wire.ringsCarried(CONNECTIONS, 2L * CONNECTIONS * message.length);
  }

  private void serve(SslContext context) throws Exception {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .maxInboundMessageSize(2 * Payload.LARGE)
            .addService(EchoService.definition());
    server = (context == null ? builder : builder.sslContext(context)).build().start();
  }

  private ManagedChannel connect(SslContext context) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
            .maxInboundMessageSize(2 * Payload.LARGE);
    ManagedChannel channel =
        (context == null ? builder.usePlaintext() : builder.sslContext(context)).build();
    channels.add(channel);
    return channel;
  }

  private static void echoMessage(ManagedChannel channel, int size) {
    byte[] message = Payload.ofSize(size);
    byte[] echoed = call(channel, EchoService.UNARY, message);
    assertEquals(message.length, echoed.length);
    assertEquals(Payload.checksum(message), Payload.checksum(echoed));
  }

  private static byte[] call(
      ManagedChannel channel, MethodDescriptor<byte[], byte[]> method, byte[] message) {
    return ClientCalls.blockingUnaryCall(
        channel, method, CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS), message);
  }

  private static SslContext serverContext() throws Exception {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(keyStore(), Certificate.PASSWORD.toCharArray());
    return GrpcSslContexts.configure(SslContextBuilder.forServer(keys), SslProvider.JDK).build();
  }

  private static SslContext clientContext() throws Exception {
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(keyStore());
    return GrpcSslContexts.configure(
            SslContextBuilder.forClient().trustManager(trust), SslProvider.JDK)
        .build();
  }

  private static KeyStore keyStore() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(Certificate.get().file())) {
      store.load(in, Certificate.PASSWORD.toCharArray());
    }
    return store;
  }

  /** Collects the answers to a call. */
  private static final class Collector implements StreamObserver<byte[]> {
    private final List<byte[]> messages = new ArrayList<>();
    private final CompletableFuture<List<byte[]>> all = new CompletableFuture<>();

    CompletableFuture<List<byte[]>> all() {
      return all;
    }

    @Override
    public void onNext(byte[] message) {
      messages.add(message);
    }

    @Override
    public void onError(Throwable failure) {
      all.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
      all.complete(messages);
    }
  }
}
