package io.nioring.consumer.sockets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.nioring.consumer.Loopback;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TMessage;
import org.apache.thrift.protocol.TMessageType;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.server.TThreadPoolServer;
import org.apache.thrift.transport.TServerSocket;
import org.apache.thrift.transport.TSocket;
import org.junit.jupiter.api.Test;

/** Thrift's server with a pool of threads, and its blocking client. */
class ThriftTest {
  private static final int CONNECTIONS = 20;

  @Test
  void callsAreAnswered() throws Exception {
    List<TSocket> clients = new ArrayList<>();
    try (Wire wire = Wire.watch()) {
      TServerSocket socket = new TServerSocket(new InetSocketAddress(Loopback.address(), 0));
      TThreadPoolServer server =
          new TThreadPoolServer(
              new TThreadPoolServer.Args(socket)
                  .maxWorkerThreads(CONNECTIONS)
                  .processor(ThriftTest::echo));
      Thread serving = new Thread(server::serve, "thrift-server");
      serving.start();
      for (int i = 0; i < CONNECTIONS; i++) {
        TSocket client =
            new TSocket(Loopback.HOST, socket.getServerSocket().getLocalPort(), 60_000);
        client.open();
        clients.add(client);
      }
      for (int i = 0; i < CONNECTIONS; i++) {
        assertEchoed(clients.get(i), i == 0 ? Payload.LARGE : i);
      }
      wire.ringsCarried(CONNECTIONS, 2L * Payload.LARGE);
      clients.forEach(TSocket::close);
      server.stop();
      serving.join(30_000);
      assertFalse(serving.isAlive(), "server has ended");
    }
  }

  private static void assertEchoed(TSocket client, int size) throws TException {
    byte[] bytes = Payload.ofSize(size);
    TProtocol protocol = new TBinaryProtocol(client);
    write(protocol, new TMessage("echo", TMessageType.CALL, 1), ByteBuffer.wrap(bytes));
    assertEquals(TMessageType.REPLY, protocol.readMessageBegin().type);
    ByteBuffer echoed = protocol.readBinary();
    protocol.readMessageEnd();
    byte[] result = new byte[echoed.remaining()];
    echoed.get(result);
    assertEquals(Payload.checksum(bytes), Payload.checksum(result));
  }

  /** Reads a message with bytes, and answers with the same. */
  private static void echo(TProtocol in, TProtocol out) throws TException {
    TMessage message = in.readMessageBegin();
    ByteBuffer bytes = in.readBinary();
    in.readMessageEnd();
    write(out, new TMessage(message.name, TMessageType.REPLY, message.seqid), bytes);
  }

  private static void write(TProtocol out, TMessage message, ByteBuffer bytes) throws TException {
    out.writeMessageBegin(message);
    out.writeBinary(bytes);
    out.writeMessageEnd();
    out.getTransport().flush();
  }
}
