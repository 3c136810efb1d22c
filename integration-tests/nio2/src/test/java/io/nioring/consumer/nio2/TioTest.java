package io.nioring.consumer.nio2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nioring.consumer.FreePort;
import io.nioring.consumer.Loopback;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tio.client.TioClient;
import org.tio.client.TioClientConfig;
import org.tio.client.intf.TioClientHandler;
import org.tio.core.ChannelContext;
import org.tio.core.DefaultTioListener;
import org.tio.core.Node;
import org.tio.core.Tio;
import org.tio.core.TioConfig;
import org.tio.core.intf.Packet;
import org.tio.core.intf.TioHandler;
import org.tio.server.TioServer;
import org.tio.server.TioServerConfig;
import org.tio.server.intf.TioServerHandler;

/** t-io, whose server and client queue what they send, and gather it into asynchronous writes. */
class TioTest {
  private static final int CLIENTS = 10;
  private static final int PACKETS = 200;
  private static final long DEADLINE_SECONDS = 60;

  /**
   * What both ends have sent. A stop waits for senders, and drops the completions that they wait
   * for: t-io's executor takes no task then, and does not say so.
   */
  private final CountDownLatch unsent = new CountDownLatch(2 * CLIENTS * PACKETS);

  private final DefaultTioListener listener =
      new DefaultTioListener() {
        @Override
        public void onAfterSent(ChannelContext context, Packet packet, boolean wasSent) {
          unsent.countDown();
        }
      };

  private final ServerEnd serverEnd = new ServerEnd();
  private final ClientEnd clientEnd = new ClientEnd();
  private int port;
  private TioServer server;
  private TioClient client;
  private Wire wire;

  @BeforeEach
  void start() throws Exception {
    wire = Wire.watch();
    server = new TioServer(new TioServerConfig(serverEnd, listener));
    port = FreePort.find();
    server.start(Loopback.HOST, port);
    client = new TioClient(new TioClientConfig(clientEnd, listener));
  }

  @AfterEach
  void stop() throws Exception {
    client.stop();
    server.stop();
    wire.close();
  }

  @Test
  void packetsOfManyClientsComeBack() throws Exception {
    long bytes = 0;
    for (int i = 0; i < CLIENTS; i++) {
      ChannelContext connection = client.connect(new Node(Loopback.HOST, port), 30);
      for (int size = 1; size <= PACKETS; size++) {
        Tio.send(connection, new Bytes(Payload.ofSize(size * 50)));
        bytes += size * 50;
      }
    }
    for (int i = 0; i < CLIENTS * PACKETS; i++) {
      byte[] back = clientEnd.next();
      assertEquals(Payload.checksum(Payload.ofSize(back.length)), Payload.checksum(back));
      bytes -= back.length;
    }
    assertEquals(0, bytes);
    assertTrue(unsent.await(DEADLINE_SECONDS, TimeUnit.SECONDS));
    wire.ringsCarried(CLIENTS, 2L * CLIENTS * PACKETS * PACKETS * 25);
  }

  /** Some bytes, after their number. */
  private static final class Bytes extends Packet {
    private static final long serialVersionUID = 1;

    private final byte[] bytes;

    Bytes(byte[] bytes) {
      this.bytes = bytes;
    }
  }

  /** What both ends do alike. */
  private abstract static class End implements TioHandler {
    @Override
    public final Packet decode(
        ByteBuffer buffer, int limit, int position, int readable, ChannelContext context) {
      if (readable < Integer.BYTES || readable < Integer.BYTES + buffer.getInt(position)) {
        return null;
      }
      byte[] bytes = new byte[buffer.getInt()];
      buffer.get(bytes);
      return new Bytes(bytes);
    }

    @Override
    public final ByteBuffer encode(Packet packet, TioConfig config, ChannelContext context) {
      byte[] bytes = ((Bytes) packet).bytes;
      ByteBuffer buffer = ByteBuffer.allocate(Integer.BYTES + bytes.length);
      return buffer.order(config.getByteOrder()).putInt(bytes.length).put(bytes);
    }
  }

  /** Sends back what comes. */
  private static final class ServerEnd extends End implements TioServerHandler {
    @Override
    public void handler(Packet packet, ChannelContext context) {
      Tio.send(context, new Bytes(((Bytes) packet).bytes));
    }
  }

  /** Keeps what comes. */
  private static final class ClientEnd extends End implements TioClientHandler {
    private final BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();

    @Override
    public void handler(Packet packet, ChannelContext context) {
      received.add(((Bytes) packet).bytes);
    }

    @Override
    public Packet heartbeatPacket(ChannelContext context) {
      return null;
    }

    byte[] next() throws InterruptedException {
      byte[] bytes = received.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
      assertNotNull(bytes, "no packet came");
      return bytes;
    }
  }
}
