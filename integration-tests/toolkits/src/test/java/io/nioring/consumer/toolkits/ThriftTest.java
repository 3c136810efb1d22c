package io.nioring.consumer.toolkits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.thrift.TException;
import org.apache.thrift.TProcessor;
import org.apache.thrift.async.AsyncMethodCallback;
import org.apache.thrift.async.TAsyncClient;
import org.apache.thrift.async.TAsyncClientManager;
import org.apache.thrift.async.TAsyncMethodCall;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TMessage;
import org.apache.thrift.protocol.TMessageType;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.protocol.TProtocolFactory;
import org.apache.thrift.server.AbstractNonblockingServer;
import org.apache.thrift.server.TNonblockingServer;
import org.apache.thrift.server.TThreadedSelectorServer;
import org.apache.thrift.transport.TMemoryInputTransport;
import org.apache.thrift.transport.TNonblockingServerSocket;
import org.apache.thrift.transport.TNonblockingSocket;
import org.apache.thrift.transport.TNonblockingTransport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Thrift's non-blocking servers and its asynchronous client, with a service written by hand. */
class ThriftTest {
  private static final int CONNECTIONS = 50;
  private static final int MAX_FRAME_BYTES = 2 * Payload.LARGE;
  private static final TProtocolFactory PROTOCOL = new TBinaryProtocol.Factory();

  private final List<EchoClient> clients = new ArrayList<>();
  private TAsyncClientManager manager;
  private AbstractNonblockingServer server;
  private Thread serving;
  private int port;
  private Wire wire;

  @BeforeEach
  void watch() throws Exception {
    wire = Wire.watch();
    manager = new TAsyncClientManager();
  }

  @AfterEach
  void end() throws Exception {
    clients.forEach(EchoClient::close);
    manager.stop();
    server.stop();
    serving.join(30_000);
    assertTrue(!serving.isAlive(), "server has ended");
    wire.close();
  }

  @Test
  void smallCallsOnOneConnection() throws Exception {
    serve(new TNonblockingServer(new TNonblockingServer.Args(listen()).processor(new Echo())));
    EchoClient client = connect();
    for (int i = 0; i < 300; i++) {
      byte[] message = Payload.ofSize(i + 1);
      assertEquals(Payload.checksum(message), Payload.checksum(get(client.echo(message))));
    }
    wire.ringsCarried(1, 300 * 300);
  }

  @Test
  void largeMessageGoesBothWays() throws Exception {
    serve(
        new TThreadedSelectorServer(
            new TThreadedSelectorServer.Args(listen()).processor(new Echo())));
    byte[] message = Payload.ofSize(Payload.LARGE);
    byte[] echoed = get(connect().echo(message));
    assertEquals(Payload.checksum(message), Payload.checksum(echoed));
    wire.ringsCarried(1, 2L * message.length);
  }

  @Test
  void fiftyConnectionsAtOnce() throws Exception {
    serve(
        new TThreadedSelectorServer(
            new TThreadedSelectorServer.Args(listen()).processor(new Echo())));
    byte[] message = Payload.ofSize(20_000);
    List<CompletableFuture<byte[]>> answers = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      answers.add(connect().echo(message));
    }
    for (CompletableFuture<byte[]> answer : answers) {
      assertEquals(Payload.checksum(message), Payload.checksum(get(answer)));
    }
    wire.ringsCarried(CONNECTIONS, 2L * CONNECTIONS * message.length);
  }

  private TNonblockingServerSocket listen() throws Exception {
    TNonblockingServerSocket socket =
        new TNonblockingServerSocket(
            new TNonblockingServerSocket.NonblockingAbstractServerSocketArgs()
                .bindAddr(new InetSocketAddress("127.0.0.1", 0))
                .maxFrameSize(MAX_FRAME_BYTES));
    port = socket.getPort();
    return socket;
  }

  private void serve(AbstractNonblockingServer made) {
    server = made;
    serving = new Thread(made::serve, "thrift-server");
    serving.start();
  }

  private EchoClient connect() throws Exception {
    EchoClient client = new EchoClient(manager, new TNonblockingSocket("127.0.0.1", port));
    clients.add(client);
    return client;
  }

  private static byte[] get(CompletableFuture<byte[]> future) throws Exception {
    return future.get(60, TimeUnit.SECONDS);
  }

  /** Reads a message with bytes, and answers with the same. */
  private static final class Echo implements TProcessor {
    @Override
    public void process(TProtocol in, TProtocol out) throws TException {
      TMessage message = in.readMessageBegin();
      ByteBuffer bytes = in.readBinary();
      in.readMessageEnd();
      out.writeMessageBegin(new TMessage(message.name, TMessageType.REPLY, message.seqid));
      out.writeBinary(bytes);
      out.writeMessageEnd();
      out.getTransport().flush();
    }
  }

  /** A client with one connection. */
  private static final class EchoClient extends TAsyncClient {
    private final TNonblockingTransport transport;

    EchoClient(TAsyncClientManager manager, TNonblockingTransport transport) {
      super(PROTOCOL, manager, transport);
      this.transport = transport;
    }

    CompletableFuture<byte[]> echo(byte[] bytes) throws TException {
      checkReady();
      CompletableFuture<byte[]> answer = new CompletableFuture<>();
      ___currentMethod = new EchoCall(this, ___transport, bytes, answer);
      ___manager.call(___currentMethod);
      return answer;
    }

    void close() {
      transport.close();
    }
  }

  /** One call. */
  private static final class EchoCall extends TAsyncMethodCall<byte[]> {
    private final byte[] bytes;

    EchoCall(
        TAsyncClient client,
        TNonblockingTransport transport,
        byte[] bytes,
        CompletableFuture<byte[]> answer) {
      super(client, PROTOCOL, transport, callback(answer), false);
      this.bytes = bytes;
    }

    private static AsyncMethodCallback<byte[]> callback(CompletableFuture<byte[]> answer) {
      return new AsyncMethodCallback<>() {
        @Override
        public void onComplete(byte[] echoed) {
          answer.complete(echoed);
        }

        @Override
        public void onError(Exception failure) {
          answer.completeExceptionally(failure);
        }
      };
    }

    @Override
    protected void write_args(TProtocol out) throws TException {
      out.writeMessageBegin(new TMessage("echo", TMessageType.CALL, 0));
      out.writeBinary(ByteBuffer.wrap(bytes));
      out.writeMessageEnd();
    }

    @Override
    protected byte[] getResult() throws Exception {
      TProtocol in = PROTOCOL.getProtocol(new TMemoryInputTransport(getFrameBuffer().array()));
      in.readMessageBegin();
      ByteBuffer echoed = in.readBinary();
      byte[] result = new byte[echoed.remaining()];
      echoed.get(result);
      return result;
    }
  }
}
