package io.nioring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nioring.internal.async.DefaultPool;
import io.nioring.route.Mode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.IllegalChannelGroupException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
@SuppressWarnings("AddressSelection") // literals, not names
class RingAsynchronousChannelProviderTest {
  private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);

  @Test
  void asynchronousAndOtherChannelsOfANetworkMeet() throws Exception {
    try (RingNetwork network = RingNetwork.open();
        ServerSocketChannel server = network.provider().openServerSocketChannel();
        AsynchronousSocketChannel client =
            network.asynchronousProvider().openAsynchronousSocketChannel(null)) {
      server.bind(ANY_PORT);
      client.connect(server.getLocalAddress()).get(10, TimeUnit.SECONDS);
      try (SocketChannel accepted = server.accept()) {
        client.write(ByteBuffer.allocate(3)).get(10, TimeUnit.SECONDS);
        assertThat(accepted.read(ByteBuffer.allocate(9))).isEqualTo(3);
      }
      assertThat(network.statistics().ringConnections()).isEqualTo(1);
    }
  }

  @Test
  void closingTheNetworkClosesTheChannels() throws Exception {
    RingNetwork network = RingNetwork.open();
    AsynchronousServerSocketChannel server =
        network.asynchronousProvider().openAsynchronousServerSocketChannel(null).bind(ANY_PORT);
    network.close();
    assertThat(server.isOpen()).isFalse();
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> network.asynchronousProvider().openAsynchronousSocketChannel(null));
  }

  @Test
  void groupsOfOthersAreRefused() throws Exception {
    try (RingNetwork network = RingNetwork.open();
        RingNetwork other = RingNetwork.open()) {
      AsynchronousChannelGroup group =
          other
              .asynchronousProvider()
              .openAsynchronousChannelGroup(Executors.newCachedThreadPool(), 0);
      assertThatExceptionOfType(IllegalChannelGroupException.class)
          .isThrownBy(() -> network.asynchronousProvider().openAsynchronousSocketChannel(group));
      group.shutdown();
      assertThat(group.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void threadsOfAGroupThatCannotBeOpenedEnd() throws Exception {
    List<Thread> made = new ArrayList<>();
    ThreadFactory factory =
        body -> {
          if (made.size() == 2) {
            throw new OutOfMemoryError("no third thread");
          }
          made.add(new Thread(body));
          return made.get(made.size() - 1);
        };
    try (RingNetwork network = RingNetwork.open()) {
      assertThatExceptionOfType(OutOfMemoryError.class)
          .isThrownBy(
              () -> network.asynchronousProvider().openAsynchronousChannelGroup(3, factory));
    }
    for (Thread each : made) {
      each.join(TimeUnit.SECONDS.toMillis(10));
      assertThat(each.isAlive()).isFalse();
    }
  }

  @Test
  void whereThereAreNoRingsThePlatformsChannelsAreGivenOut() throws IOException {
    RingNetworkConfig config = RingNetworkConfig.builder().mode(Mode.KERNEL).build();
    try (RingNetwork network = RingNetwork.open(config);
        AsynchronousSocketChannel client =
            network.asynchronousProvider().openAsynchronousSocketChannel(null)) {
      assertThat(client.getClass().getPackageName()).isEqualTo("sun.nio.ch");
    }
  }

  @Test
  void defaultPoolRefusesWhatIsNoFactoryAndNoNumber() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> DefaultPool.of("java.lang.String", null))
        .withMessageContaining("threadFactory=java.lang.String");
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> DefaultPool.of(null, "many"))
        .withMessageContaining("initialSize=many");
  }
}
