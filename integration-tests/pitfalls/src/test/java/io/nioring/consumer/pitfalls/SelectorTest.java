package io.nioring.consumer.pitfalls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nioring.consumer.Wire;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What event loops do with selectors. */
class SelectorTest {
  private static final long DEADLINE_MILLIS = 30_000;

  private Wire wire;
  private Selector selector;

  @BeforeEach
  void open() throws Exception {
    wire = Wire.watch();
    selector = Selector.open();
  }

  @AfterEach
  void close() throws Exception {
    selector.close();
    wire.noKernelConnections();
    wire.close();
  }

  /** Hadoop opens its selectors by the channel's provider. */
  @ParameterizedTest
  @EnumSource
  void selectorOfAChannelsProviderTakesIt(Family family) throws Exception {
    try (Connection connection = Connection.open(family)) {
      for (SocketChannel channel :
          new SocketChannel[] {connection.client(), connection.accepted()}) {
        assertSame(SelectorProvider.provider(), channel.provider());
        channel.configureBlocking(false);
        try (Selector own = channel.provider().openSelector()) {
          channel.register(own, SelectionKey.OP_WRITE);
          assertEquals(1, own.select(DEADLINE_MILLIS));
        }
      }
      assertSame(SelectorProvider.provider(), connection.listener().provider());
      assertSame(SelectorProvider.provider(), selector.provider());
    }
  }

  /** JeroMQ wakes its loops by a pipe. */
  @Test
  void pipeAndConnectionShareASelector() throws Exception {
    Pipe pipe = Pipe.open();
    try (Connection connection = Connection.open(Family.INET);
        Pipe.SinkChannel sink = pipe.sink();
        Pipe.SourceChannel source = pipe.source()) {
      source.configureBlocking(false);
      connection.client().configureBlocking(false);
      SelectionKey ofPipe = source.register(selector, SelectionKey.OP_READ);
      SelectionKey ofClient = connection.client().register(selector, SelectionKey.OP_READ);
      sink.write(ByteBuffer.wrap(new byte[] {1}));
      assertEquals(1, selector.select(DEADLINE_MILLIS));
      assertEquals(Set.of(ofPipe), selector.selectedKeys());
      connection.accepted().write(ByteBuffer.wrap(new byte[] {1}));
      selector.selectedKeys().clear();
      assertEquals(2, selector.select(DEADLINE_MILLIS));
      assertEquals(Set.of(ofPipe, ofClient), selector.selectedKeys());
    }
  }

  /** Netty's name resolver, in Vert.x and Lettuce: with datagrams of either provider. */
  @Test
  void datagramsAndConnectionShareASelector() throws Exception {
    try (Connection connection = Connection.open(Family.INET);
        DatagramChannel datagrams = DatagramChannel.open();
        DatagramChannel sender = DatagramChannel.open()) {
      datagrams.bind(new InetSocketAddress("127.0.0.1", 0));
      datagrams.configureBlocking(false);
      connection.client().configureBlocking(false);
      SelectionKey ofDatagrams = datagrams.register(selector, SelectionKey.OP_READ);
      SelectionKey ofClient = connection.client().register(selector, SelectionKey.OP_READ);
      sender.send(ByteBuffer.wrap(new byte[] {1}), datagrams.getLocalAddress());
      assertEquals(1, selector.select(DEADLINE_MILLIS));
      assertEquals(Set.of(ofDatagrams), selector.selectedKeys());
      assertSame(datagrams, ofDatagrams.channel());
      datagrams.receive(ByteBuffer.allocate(8));
      selector.selectedKeys().clear();
      connection.accepted().write(ByteBuffer.wrap(new byte[] {1}));
      assertEquals(1, selector.select(DEADLINE_MILLIS));
      assertEquals(Set.of(ofClient), selector.selectedKeys());
    }
  }

  /** A look into the platform's selector must not eat it. */
  @Test
  void wakeupIsRememberedBesideKernelChannels() throws Exception {
    try (DatagramChannel datagrams = DatagramChannel.open()) {
      datagrams.configureBlocking(false);
      datagrams.register(selector, SelectionKey.OP_READ);
      selector.wakeup();
      assertEquals(0, selector.select());
      CompletableFuture<Integer> selected = inThread(() -> selector.select());
      selector.wakeup();
      assertEquals(0, selected.get(DEADLINE_MILLIS, TimeUnit.MILLISECONDS));
    }
  }

  /** The JDK's HTTP server, on every request; Hadoop, Hazelcast. */
  @ParameterizedTest
  @EnumSource
  void channelBlocksAgainRightAfterCancel(Family family) throws Exception {
    try (Connection connection = Connection.open(family)) {
      SocketChannel channel = connection.accepted();
      for (int i = 0; i < 3; i++) {
        channel.configureBlocking(false);
        SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
        connection.client().write(ByteBuffer.wrap(new byte[] {1}));
        assertEquals(1, selector.select(DEADLINE_MILLIS));
        selector.selectedKeys().clear();
        key.cancel();
        channel.configureBlocking(true);
        assertEquals(1, channel.read(ByteBuffer.allocate(8)));
        selector.selectNow();
        assertTrue(selector.keys().isEmpty());
      }
    }
  }

  /** A key that stays selected ends the next select at once, though it counts nothing. */
  @Test
  void selectReturnsWhileASelectedKeyIsReady() throws Exception {
    try (Connection connection = Connection.open(Family.INET)) {
      connection.client().configureBlocking(false);
      connection.client().register(selector, SelectionKey.OP_WRITE);
      assertEquals(1, selector.select());
      assertEquals(0, selector.select());
      assertEquals(1, selector.selectedKeys().size());
    }
  }

  /** ZooKeeper, Thrift. */
  @ParameterizedTest
  @EnumSource
  void connectIsAwaitedByARegistrationMadeBefore(Family family) throws Exception {
    try (ServerSocketChannel listener = ServerSocketChannel.open(family.protocol);
        SocketChannel client = SocketChannel.open(family.protocol)) {
      listener.bind(family.freeAddress());
      client.configureBlocking(false);
      SelectionKey key = client.register(selector, SelectionKey.OP_CONNECT);
      if (!client.connect(listener.getLocalAddress())) {
        assertEquals(1, selector.select(DEADLINE_MILLIS));
        assertTrue(key.isConnectable());
      }
      assertTrue(client.finishConnect());
      key.interestOps(SelectionKey.OP_CONNECT | SelectionKey.OP_WRITE);
      selector.selectedKeys().clear();
      assertEquals(1, selector.select(DEADLINE_MILLIS));
      assertEquals(SelectionKey.OP_WRITE, key.readyOps());
    }
  }

  /** JeroMQ, JGroups, Kafka finish a connect also when it was done at once. */
  @ParameterizedTest
  @EnumSource
  void connectIsFinishedTwice(Family family) throws Exception {
    try (Connection connection = Connection.open(family)) {
      assertTrue(connection.client().finishConnect());
      assertTrue(connection.client().finishConnect());
      assertTrue(connection.accepted().finishConnect());
    }
  }

  /** Netty, Jetty, XNIO, Pekko register with no interest first. */
  @Test
  void interestComesAfterTheRegistration() throws Exception {
    try (Connection connection = Connection.open(Family.INET)) {
      connection.client().configureBlocking(false);
      SelectionKey key = connection.client().register(selector, 0);
      connection.accepted().write(ByteBuffer.wrap(new byte[] {1}));
      assertEquals(0, selector.selectNow());
      key.interestOps(SelectionKey.OP_READ);
      assertEquals(1, selector.select(DEADLINE_MILLIS));
      key.interestOps(0);
      selector.selectedKeys().clear();
      assertEquals(0, selector.selectNow());
    }
  }

  /** HttpComponents, JGroups. */
  @Test
  void connectAndReadAreAwaitedTogether() throws Exception {
    try (ServerSocketChannel listener = ServerSocketChannel.open();
        SocketChannel client = SocketChannel.open()) {
      listener.bind(new InetSocketAddress("127.0.0.1", 0));
      client.configureBlocking(false);
      client.connect(listener.getLocalAddress());
      SelectionKey key = client.register(selector, SelectionKey.OP_CONNECT | SelectionKey.OP_READ);
      assertEquals(1, selector.select(DEADLINE_MILLIS));
      assertTrue(key.isConnectable());
      assertFalse(key.isReadable());
      assertTrue(client.finishConnect());
      key.interestOps(SelectionKey.OP_READ);
      selector.selectedKeys().clear();
      try (SocketChannel accepted = listener.accept()) {
        accepted.write(ByteBuffer.wrap(new byte[] {1}));
        assertEquals(1, selector.select(DEADLINE_MILLIS));
        assertTrue(key.isReadable());
      }
    }
  }

  /** Tomcat, Jetty. */
  @Test
  void acceptBlocksWhereConnectionsDoNot() throws Exception {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress("127.0.0.1", 0));
      SocketAddress address = listener.getLocalAddress();
      CompletableFuture<SocketChannel> accepted = inThread(listener::accept);
      try (SocketChannel client = SocketChannel.open(address);
          SocketChannel server = accepted.get(DEADLINE_MILLIS, TimeUnit.MILLISECONDS)) {
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_READ);
        client.write(ByteBuffer.wrap(new byte[] {1}));
        assertEquals(1, selector.select(DEADLINE_MILLIS));
      }
    }
  }

  /** XNIO locks both sets, copies and clears them. */
  @Test
  void setsOfKeysAreAlwaysTheSameObjects() throws Exception {
    Set<SelectionKey> keys = selector.keys();
    Set<SelectionKey> selected = selector.selectedKeys();
    try (Connection connection = Connection.open(Family.INET)) {
      connection.client().configureBlocking(false);
      SelectionKey key = connection.client().register(selector, SelectionKey.OP_WRITE);
      selector.select(DEADLINE_MILLIS);
      assertSame(keys, selector.keys());
      assertSame(selected, selector.selectedKeys());
      synchronized (keys) {
        synchronized (selected) {
          assertSame(key, keys.toArray(new SelectionKey[0])[0]);
          assertSame(key, selected.toArray(new SelectionKey[0])[0]);
          selected.clear();
        }
      }
      assertTrue(selected.isEmpty());
      assertEquals(1, keys.size());
    }
  }

  /** Kafka, Hazelcast. */
  @Test
  void interruptedSelectReturnsAndKeepsTheFlag() throws Exception {
    CompletableFuture<Boolean> flag = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                selector.select();
                flag.complete(Thread.currentThread().isInterrupted());
              } catch (Throwable e) {
                flag.completeExceptionally(e);
              }
            });
    thread.start();
    thread.interrupt();
    assertTrue(flag.get(DEADLINE_MILLIS, TimeUnit.MILLISECONDS));
    assertTrue(selector.isOpen());
  }

  /** Netty rebuilds a selector that returned for nothing 512 times in a row. */
  @Test
  void selectDoesNotReturnForNothing() throws Exception {
    try (Connection connection = Connection.open(Family.INET)) {
      connection.client().configureBlocking(false);
      connection.client().register(selector, SelectionKey.OP_READ);
      long start = System.nanoTime();
      for (int i = 0; i < 600; i++) {
        assertEquals(0, selector.selectNow());
      }
      assertEquals(0, selector.select(50));
      assertTrue(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) >= 50);
    }
  }

  private static <T> CompletableFuture<T> inThread(Call<T> call) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(call.run());
              } catch (Throwable e) {
                result.completeExceptionally(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return result;
  }

  /** What a thread is to do. */
  private interface Call<T> {
    T run() throws Exception;
  }
}
