package io.nioring.datagram;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.internal.platform.PlatformProvider;
import io.nioring.route.Mode;
import io.nioring.route.Routes;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Datagrams of which some are the JVM's and some the kernel's, by routes. */
@Timeout(180)
class DatagramRoutesTest {
  private static final SelectorProvider PLATFORM = PlatformProvider.lazy().get();

  private final ByteBuffer buffer = ByteBuffer.allocate(100);

  /** A server of the kernel's, as DNS would be one. */
  private DatagramChannel server;

  private InetSocketAddress serverAddress;
  private RingNetwork network;

  @BeforeEach
  void open() throws IOException {
    server = PLATFORM.openDatagramChannel(StandardProtocolFamily.INET);
    server.bind(loopback(0));
    serverAddress = (InetSocketAddress) server.getLocalAddress();
    network = network(Mode.RING, "udp:127.0.0.1:" + serverAddress.getPort() + "=kernel");
  }

  @AfterEach
  void close() throws IOException {
    server.close();
    network.close();
  }

  private static RingNetwork network(Mode mode, String routes) {
    return RingNetwork.open(
        RingNetworkConfig.builder().mode(mode).routes(Routes.parse(routes)).build());
  }

  private static InetSocketAddress loopback(int port) throws IOException {
    return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
  }

  private DatagramChannel openChannel() throws IOException {
    return network.provider().openDatagramChannel(StandardProtocolFamily.INET);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  private String received() {
    String text = US_ASCII.decode(buffer.flip()).toString();
    buffer.clear();
    return text;
  }

  private void answer(String text) throws IOException {
    ByteBuffer question = ByteBuffer.allocate(100);
    server.send(bytes(text), server.receive(question));
  }

  @Test
  void anUnboundChannelAsksTheKernelsServerAndHearsTheAnswer() throws IOException {
    try (DatagramChannel channel = openChannel()) {
      assertThat(channel.send(bytes("question"), serverAddress)).isEqualTo(8);
      answer("answer");
      assertThat(channel.receive(buffer)).isEqualTo(serverAddress);
      assertThat(received()).isEqualTo("answer");
    }
  }

  @Test
  void oneChannelServesBoth() throws IOException {
    try (DatagramChannel channel = openChannel();
        DatagramChannel other = openChannel()) {
      channel.bind(loopback(0));
      other.bind(loopback(0));
      channel.send(bytes("question"), serverAddress);
      other.send(bytes("over the ring"), channel.getLocalAddress());
      assertThat(channel.receive(buffer)).isEqualTo(other.getLocalAddress());
      assertThat(received()).isEqualTo("over the ring");
      answer("answer");
      assertThat(channel.receive(buffer)).isEqualTo(serverAddress);
      assertThat(received()).isEqualTo("answer");
    }
  }

  @Test
  void theSocketOfAClosedChannelTellsItsPeer() throws IOException {
    DatagramSocket unbound;
    DatagramSocket connected;
    try (DatagramChannel first = openChannel();
        DatagramChannel second = openChannel()) {
      unbound = first.socket();
      connected = second.socket();
      second.connect(serverAddress);
    }
    assertThat(unbound.isBound()).isFalse();
    assertThat(unbound.isConnected()).isFalse();
    assertThat(connected.isBound()).isTrue();
    assertThat(connected.isConnected()).isTrue();
    assertThat(connected.getRemoteSocketAddress()).isEqualTo(serverAddress);
    assertThat(connected.getPort()).isEqualTo(serverAddress.getPort());
    assertThat(connected.getLocalPort()).isEqualTo(-1);
  }

  @Test
  void aConnectedChannelIsTheKernels() throws IOException {
    try (DatagramChannel channel = openChannel()) {
      channel.connect(serverAddress);
      assertThat(channel.isConnected()).isTrue();
      assertThat(channel.getRemoteAddress()).isEqualTo(serverAddress);
      assertThat(channel.write(bytes("question"))).isEqualTo(8);
      answer("answer");
      assertThat(channel.read(buffer)).isEqualTo(6);
      assertThat(received()).isEqualTo("answer");
    }
  }

  @Test
  void aBoundChannelConnectsToTheKernelAndComesBack() throws IOException {
    try (DatagramChannel channel = openChannel();
        DatagramChannel other = openChannel()) {
      channel.bind(loopback(0));
      Object bound = channel.getLocalAddress();
      channel.connect(serverAddress);
      other.send(bytes("not from the peer"), (InetSocketAddress) bound);
      channel.write(bytes("question"));
      answer("answer");
      channel.read(buffer);
      assertThat(received()).isEqualTo("answer");
      channel.disconnect();
      assertThat(channel.getRemoteAddress()).isNull();
      assertThat(channel.getLocalAddress()).isEqualTo(bound);
      other.send(bytes("over the ring"), (InetSocketAddress) bound);
      channel.receive(buffer);
      assertThat(received()).isEqualTo("over the ring");
    }
  }

  @Test
  void aChannelBoundToAnAddressOfTheKernelIsTheKernels() throws IOException {
    int port = serverAddress.getPort();
    server.close();
    try (DatagramChannel channel = openChannel();
        DatagramChannel client = PLATFORM.openDatagramChannel(StandardProtocolFamily.INET)) {
      channel.bind(loopback(port));
      client.send(bytes("question"), channel.getLocalAddress());
      Object source = channel.receive(buffer);
      assertThat(received()).isEqualTo("question");
      channel.send(bytes("answer"), (InetSocketAddress) source);
      client.receive(buffer);
      assertThat(received()).isEqualTo("answer");
    }
  }

  @Test
  void aSelectorHearsBoth() throws IOException {
    try (DatagramChannel channel = openChannel();
        DatagramChannel other = openChannel();
        Selector selector = network.provider().openSelector()) {
      channel.bind(loopback(0));
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ);
      assertThat(selector.selectNow()).isZero();
      channel.send(bytes("question"), serverAddress);
      answer("answer");
      assertThat(selector.select(10_000)).isEqualTo(1);
      channel.receive(buffer);
      assertThat(received()).isEqualTo("answer");
      selector.selectedKeys().clear();
      assertThat(selector.selectNow()).isZero();
      other.send(bytes("over the ring"), channel.getLocalAddress());
      assertThat(selector.select(10_000)).isEqualTo(1);
      channel.receive(buffer);
      assertThat(received()).isEqualTo("over the ring");
    }
  }

  /** The receiver sleeps for the ring alone when another thread sends to the kernel. */
  @Test
  void aSleepingReceiverHearsTheAnswerToAnothersQuestion() throws Exception {
    try (DatagramChannel channel = openChannel()) {
      channel.bind(loopback(0));
      CompletableFuture<Object> receiving = new CompletableFuture<>();
      Thread receiver = receiver(channel, receiving);
      awaitAsleep(receiver);
      channel.send(bytes("question"), serverAddress);
      answer("answer");
      assertThat(receiving.get(10, TimeUnit.SECONDS)).isEqualTo(serverAddress);
    }
  }

  @Test
  void aReceiverThatWaitsForBothIsWokenOverTheRing() throws Exception {
    try (DatagramChannel channel = openChannel();
        DatagramChannel other = openChannel()) {
      channel.bind(loopback(0));
      channel.send(bytes("question"), serverAddress);
      CompletableFuture<Object> receiving = new CompletableFuture<>();
      awaitAsleep(receiver(channel, receiving));
      other.send(bytes("x"), channel.getLocalAddress());
      assertThat(receiving.get(10, TimeUnit.SECONDS)).isNotNull();
    }
  }

  @Test
  void anInterruptClosesAChannelThatWaitsForBoth() throws Exception {
    try (DatagramChannel channel = openChannel()) {
      channel.send(bytes("question"), serverAddress);
      CompletableFuture<Object> receiving = new CompletableFuture<>();
      Thread receiver = receiver(channel, receiving);
      awaitAsleep(receiver);
      receiver.interrupt();
      assertThat(receiving.handle((result, failure) -> failure).get(10, TimeUnit.SECONDS))
          .isExactlyInstanceOf(ClosedByInterruptException.class);
      assertThat(channel.isOpen()).isFalse();
    }
  }

  private Thread receiver(DatagramChannel channel, CompletableFuture<Object> result) {
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(channel.receive(buffer));
              } catch (IOException | RuntimeException e) {
                result.completeExceptionally(e);
              }
            });
    thread.start();
    return thread;
  }

  private static void awaitAsleep(Thread thread) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    int sightings = 0;
    while (sightings < 5) {
      StackTraceElement[] frames = thread.getStackTrace();
      boolean asleep =
          thread.getState() == Thread.State.WAITING
              || (frames.length > 0 && frames[0].isNativeMethod());
      sightings = asleep ? sightings + 1 : 0;
      assertThat(System.nanoTime()).as("asleep in time").isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  @Test
  void anUnboundChannelReachesWhatIsOnTheRingAndTheKernelInHybridMode() throws IOException {
    try (RingNetwork hybrid = network(Mode.HYBRID, "udp:127.0.0.1:5000-5100=ring");
        DatagramChannel inJvm = hybrid.provider().openDatagramChannel(StandardProtocolFamily.INET);
        DatagramChannel sender =
            hybrid.provider().openDatagramChannel(StandardProtocolFamily.INET);
        DatagramChannel connected =
            hybrid.provider().openDatagramChannel(StandardProtocolFamily.INET)) {
      inJvm.configureBlocking(false);
      inJvm.bind(loopback(5050));

      sender.send(bytes("sent"), inJvm.getLocalAddress());
      assertThat(inJvm.receive(buffer)).isEqualTo(atLoopback(sender));
      assertThat(received()).isEqualTo("sent");

      connected.connect(inJvm.getLocalAddress());
      connected.write(bytes("written"));
      assertThat(inJvm.receive(buffer)).isEqualTo(connected.getLocalAddress());
      assertThat(received()).isEqualTo("written");

      sender.send(bytes("question"), serverAddress);
      answer("answer");
      assertThat(sender.receive(buffer)).isEqualTo(serverAddress);
      assertThat(received()).isEqualTo("answer");
    }
  }

  /** As of a plain socket, which is bound when it is made. */
  @Test
  void aRouteForPortZeroIsForChannelsThatAreBoundToNoPortOfTheirOwn() throws IOException {
    String routes = "udp:*:0=ring; udp:127.0.0.1:5000-5100=ring";
    try (RingNetwork hybrid = network(Mode.HYBRID, routes);
        DatagramChannel inJvm = hybrid.provider().openDatagramChannel(StandardProtocolFamily.INET);
        DatagramChannel sender =
            hybrid.provider().openDatagramChannel(StandardProtocolFamily.INET)) {
      inJvm.configureBlocking(false);
      inJvm.bind(loopback(5050));
      sender.bind(null);
      sender.send(bytes("sent"), inJvm.getLocalAddress());
      assertThat(inJvm.receive(buffer)).isEqualTo(atLoopback(sender));
      assertThat(received()).isEqualTo("sent");
      sender.send(bytes("question"), serverAddress);
      answer("answer");
      assertThat(sender.receive(buffer)).isEqualTo(serverAddress);
    }
  }

  private static InetSocketAddress atLoopback(DatagramChannel channel) throws IOException {
    return loopback(((InetSocketAddress) channel.getLocalAddress()).getPort());
  }

  @Test
  void modesDecideWhoseTheChannelsAre() throws IOException {
    assertThat(isOurs(Mode.RING, "")).isTrue();
    assertThat(isOurs(Mode.RING, "udp:*:53=kernel")).isTrue();
    assertThat(isOurs(Mode.RING, "udp:*:*=kernel")).isFalse();
    assertThat(isOurs(Mode.RING, "tcp:*:*=kernel")).isTrue();
    assertThat(isOurs(Mode.HYBRID, "")).isFalse();
    assertThat(isOurs(Mode.HYBRID, "udp:127.0.0.1:5000=ring")).isTrue();
    assertThat(isOurs(Mode.KERNEL, "")).isFalse();
    assertThat(isOurs(Mode.KERNEL, "udp:*:5000=ring")).isTrue();
  }

  private static boolean isOurs(Mode mode, String routes) throws IOException {
    try (RingNetwork network = network(mode, routes);
        DatagramChannel channel = network.provider().openDatagramChannel()) {
      return channel.getClass().getName().startsWith("io.nioring.");
    }
  }
}
