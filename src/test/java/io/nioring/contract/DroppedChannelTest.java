package io.nioring.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingNetworkConfig;
import io.nioring.testkit.Deadline;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Channels that are dropped without close: open to everybody else, as on the platform. */
class DroppedChannelTest {
  private static final int CAPACITY = 100_000;

  @EachRing
  void peerOfADroppedChannelSeesSilence(TestTransport transport) throws Exception {
    try (TestTransport eager = eager(transport)) {
      ServerSocketChannel server = eager.listen();
      SocketChannel client = eager.openNonBlockingClient();
      client.connect(server.getLocalAddress());
      awaitCollected(acceptAndDrop(server));
      client.finishConnect();
      client.write(ByteBuffer.allocate(10));
      Deadline.await("what nobody reads not kept", () -> memoryInUse(eager) == 0);

      ByteBuffer buffer = ByteBuffer.allocate(1);
      assertThat(client.read(buffer)).isZero();
      assertThat(ChannelIo.fill(client)).as("counted, and not kept").isEqualTo(CAPACITY - 10);
      assertThat(client.write(buffer)).isZero();
      assertThat(memoryInUse(eager)).isZero();
      assertThat(eager.network().statistics().openChannels()).isEqualTo(3);

      client.close();
      Deadline.await(
          "the dropped channel gone with its peer",
          () -> eager.network().statistics().openChannels() == 1);
    }
  }

  @EachRing
  void whatADroppedChannelHadSentArrives(TestTransport transport) throws Exception {
    try (TestTransport eager = eager(transport)) {
      ServerSocketChannel server = eager.listen();
      SocketChannel client = eager.connectTo(server);
      awaitCollected(acceptSendAndDrop(server));

      assertThat(ChannelIo.receive(client, 4)).isEqualTo("last");
      client.configureBlocking(false);
      assertThat(client.read(ByteBuffer.allocate(1))).isZero();
    }
  }

  @EachRing
  void connectionsOfWhichBothEndsWereDroppedAreGone(TestTransport transport) throws Exception {
    try (TestTransport eager = eager(transport)) {
      ServerSocketChannel server = eager.listen();
      awaitCollected(connectAndDrop(eager, server));
      awaitCollected(acceptAndDrop(server));

      Deadline.await(
          "both dropped ends gone", () -> eager.network().statistics().openChannels() == 1);
    }
  }

  private static TestTransport eager(TestTransport transport) {
    return TestTransport.open(
        transport.kind(),
        RingNetworkConfig.builder().idleMillis(5).bufferSizeBytes(CAPACITY).build());
  }

  private static long memoryInUse(TestTransport transport) {
    return transport.network().statistics().memoryInUseBytes();
  }

  private static WeakReference<SocketChannel> connectAndDrop(
      TestTransport transport, ServerSocketChannel server) throws IOException {
    SocketChannel client =
        transport.isUnix()
            ? transport.provider().openSocketChannel(transport.kind().family())
            : transport.provider().openSocketChannel();
    client.connect(server.getLocalAddress());
    return new WeakReference<>(client);
  }

  private static WeakReference<SocketChannel> acceptAndDrop(ServerSocketChannel server)
      throws IOException {
    return new WeakReference<>(server.accept());
  }

  private static WeakReference<SocketChannel> acceptSendAndDrop(ServerSocketChannel server)
      throws IOException {
    SocketChannel accepted = server.accept();
    ChannelIo.send(accepted, "last");
    return new WeakReference<>(accepted);
  }

  private static void awaitCollected(WeakReference<SocketChannel> dropped) throws IOException {
    Deadline.await(
        "the channel collected",
        () -> {
          System.gc();
          return dropped.get() == null;
        });
  }
}
