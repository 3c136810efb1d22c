package io.nioring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.internal.platform.ChildJvm;
import io.nioring.internal.platform.FirstUses;
import io.nioring.route.Mode;
import io.nioring.testkit.FullHeap;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.DatagramChannel;
import java.nio.channels.InterruptedByTimeoutException;
import java.nio.channels.MembershipKey;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * That streams and selectors initialize no class once there is a network, nor datagrams or
 * asynchronous channels once the first one is opened: an initializer that finds no memory would be
 * the end of the class.
 */
class FirstUsesTest {
  private static final String MARK = "a network is there";
  private static final String REFUSED = "the heap is full";
  private static final String END = "all is done";
  private static final Pattern INITIALIZING =
      Pattern.compile("Initializing 'io/nioring/(?!First|internal/platform/FirstUses)");

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"RING", "HYBRID"})
  void noClassIsInitializedByAStream(String mode) throws Exception {
    ensureNoneIsInitialized(Exchange.class, mode, directory.toString());
  }

  @Test
  void noClassIsInitializedByDatagrams() throws Exception {
    ensureNoneIsInitialized(Datagrams.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RING", "HYBRID"})
  void noClassIsInitializedByAsynchronousChannels(String mode) throws Exception {
    ensureNoneIsInitialized(Asynchronous.class, mode);
  }

  private void ensureNoneIsInitialized(Class<?> main, String... arguments) throws Exception {
    List<String> lines =
        ChildJvm.command(main)
            .flags("-Xlog:class+init=info:stdout", "-Xshare:auto")
            .arguments(arguments)
            .run(directory, 150);
    assertThat(lines).contains(MARK);
    assertThat(lines.subList(lines.indexOf(MARK), lines.indexOf(END)))
        .filteredOn(line -> INITIALIZING.matcher(line).find())
        .filteredOn(line -> !line.contains("(no method)"))
        .isEmpty();
  }

  /** Each kind is opened with a full heap, by which no class must get lost. */
  @ParameterizedTest
  @ValueSource(strings = {"datagrams", "datagram sockets", "asynchronous channels", "groups"})
  void whatHasFailedForWantOfHeapIsOpenedLater(String kind) throws Exception {
    List<String> lines =
        ChildJvm.command(WithoutHeap.class)
            .flags("-Xms16m", "-Xmx16m", "-XX:+UseSerialGC", "-Xlog:class+init=info:stdout")
            .arguments(kind)
            .run(directory, 150);
    assertThat(lines).contains(REFUSED, "opened");
    assertThat(lines.subList(lines.indexOf(MARK), lines.lastIndexOf(REFUSED)))
        .as("begun although there was no room for all")
        .noneMatch(line -> INITIALIZING.matcher(line).find() && !line.contains("(no method)"));
  }

  /** What streams and selectors do first, over IP and Unix addresses. */
  static final class Exchange {
    private Exchange() {}

    public static void main(String[] args) throws Exception {
      RingNetworkConfig config = RingNetworkConfig.builder().mode(Mode.valueOf(args[0])).build();
      try (RingNetwork network = RingNetwork.open(config)) {
        System.out.println(MARK);
        exchange(network, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Path path = Path.of(args[1], "first-uses");
        exchange(network, UnixDomainSocketAddress.of(path));
        System.out.println(END);
      }
    }

    private static void exchange(RingNetwork network, SocketAddress address) throws Exception {
      SelectorProvider provider = network.provider();
      ProtocolFamily family =
          address instanceof InetSocketAddress
              ? StandardProtocolFamily.INET
              : StandardProtocolFamily.UNIX;
      try (ServerSocketChannel listener = provider.openServerSocketChannel(family);
          SocketChannel client = provider.openSocketChannel(family);
          Selector selector = provider.openSelector()) {
        listener.bind(address);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
        selector.select(1);
        client.connect(listener.getLocalAddress());
        selector.select();
        selector.selectedKeys().clear();
        selector.wakeup();
        try (SocketChannel server = listener.accept()) {
          Thread later = writeLater(client);
          server.read(ByteBuffer.allocate(1));
          later.join();
          client.write(new ByteBuffer[] {ByteBuffer.allocate(1), ByteBuffer.allocate(1)});
          server.read(new ByteBuffer[] {ByteBuffer.allocate(1), ByteBuffer.allocate(1)});
          client.getOption(StandardSocketOptions.SO_SNDBUF);
          client.setOption(StandardSocketOptions.SO_RCVBUF, 1 << 16);
          client.shutdownOutput();
          server.read(ByteBuffer.allocate(1));
        }
      }
    }

    private static Thread writeLater(SocketChannel client) {
      Thread writer =
          new Thread(
              () -> {
                try {
                  Thread.sleep(20);
                  client.write(ByteBuffer.allocate(1));
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      writer.start();
      return writer;
    }
  }

  /** What datagrams do first, by channels and sockets. */
  static final class Datagrams {
    private static final InetSocketAddress LOOPBACK =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private Datagrams() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws Exception {
      try (RingNetwork network = RingNetwork.open()) {
        network.installSockets();
        FirstUses.ofDatagrams();
        System.out.println(MARK);
        channels(network.provider());
        groups(network.provider());
        sockets();
        System.out.println(END);
      }
    }

    private static void channels(SelectorProvider provider) throws Exception {
      try (DatagramChannel one = provider.openDatagramChannel();
          DatagramChannel other = provider.openDatagramChannel(StandardProtocolFamily.INET);
          Selector selector = provider.openSelector()) {
        one.bind(LOOPBACK);
        other.bind(LOOPBACK);
        one.send(ByteBuffer.allocate(1), other.getLocalAddress());
        other.receive(ByteBuffer.allocate(1));
        other.configureBlocking(false);
        other.register(selector, SelectionKey.OP_READ | SelectionKey.OP_WRITE);
        selector.select();
        other.receive(ByteBuffer.allocate(1));
        other.connect(one.getLocalAddress());
        other.write(ByteBuffer.allocate(1));
        other.write(new ByteBuffer[] {ByteBuffer.allocate(1), ByteBuffer.allocate(1)});
        other.read(ByteBuffer.allocate(1));
        one.socket().setSoTimeout(30_000);
        one.socket().receive(new DatagramPacket(new byte[1], 1));
        one.socket().setSoTimeout(1);
        one.socket().receive(new DatagramPacket(new byte[1], 1));
        assertThatThrownBy(() -> one.socket().receive(new DatagramPacket(new byte[1], 1)))
            .isInstanceOf(SocketTimeoutException.class);
        one.send(ByteBuffer.allocate(1), new InetSocketAddress("127.0.0.1", 9));
        for (SocketOption<?> each : one.supportedOptions()) {
          one.getOption(each);
        }
        other.disconnect();
      }
    }

    private static void groups(SelectorProvider provider) throws Exception {
      NetworkInterface loopback =
          NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
      try (DatagramChannel one = provider.openDatagramChannel(StandardProtocolFamily.INET)) {
        one.bind(new InetSocketAddress(0));
        int port = ((InetSocketAddress) one.getLocalAddress()).getPort();
        InetAddress group = InetAddress.getByName("230.1.2.3");
        one.setOption(StandardSocketOptions.IP_MULTICAST_IF, loopback);
        MembershipKey key = one.join(group, loopback);
        one.send(ByteBuffer.allocate(1), new InetSocketAddress(group, port));
        one.receive(ByteBuffer.allocate(1));
        key.block(InetAddress.getByName("10.1.2.3"));
        key.unblock(InetAddress.getByName("10.1.2.3"));
        key.drop();
        one.setOption(StandardSocketOptions.SO_BROADCAST, true);
        one.send(ByteBuffer.allocate(1), new InetSocketAddress("255.255.255.255", port));
        one.receive(ByteBuffer.allocate(1));
      }
    }

    private static void sockets() throws Exception {
      try (DatagramSocket one = new DatagramSocket(LOOPBACK);
          MulticastSocket other = new MulticastSocket(0)) {
        one.send(
            new DatagramPacket(
                new byte[1], 1, InetAddress.getLoopbackAddress(), other.getLocalPort()));
        other.receive(new DatagramPacket(new byte[1], 1));
      }
    }
  }

  /** What asynchronous channels do first, over rings and through the kernel. */
  static final class Asynchronous {
    private Asynchronous() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws Exception {
      Mode mode = Mode.valueOf(args[0]);
      try (RingNetwork network = RingNetwork.open(RingNetworkConfig.builder().mode(mode).build())) {
        FirstUses.ofAsynchronousChannels();
        System.out.println(MARK);
        AsynchronousChannelProvider provider = network.asynchronousProvider();
        exchange(provider, null, mode);
        AsynchronousChannelGroup fixed =
            provider.openAsynchronousChannelGroup(2, Executors.defaultThreadFactory());
        exchange(provider, fixed, mode);
        fixed.shutdownNow();
        ExecutorService pool = Executors.newCachedThreadPool();
        AsynchronousChannelGroup cached = provider.openAsynchronousChannelGroup(pool, -1);
        exchange(provider, cached, mode);
        cached.shutdownNow();
        System.out.println(END);
      }
    }

    private static void exchange(
        AsynchronousChannelProvider provider, AsynchronousChannelGroup group, Mode mode)
        throws Exception {
      try (AsynchronousServerSocketChannel listener =
              provider.openAsynchronousServerSocketChannel(group);
          AsynchronousSocketChannel client = provider.openAsynchronousSocketChannel(group)) {
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        InetSocketAddress address = (InetSocketAddress) listener.getLocalAddress();
        Future<AsynchronousSocketChannel> accept = listener.accept();
        client.connect(address).get();
        exchange(client, accept.get());
        if (mode == Mode.HYBRID) {
          throughKernel(provider, group, listener, address);
        }
      }
    }

    private static void throughKernel(
        AsynchronousChannelProvider provider,
        AsynchronousChannelGroup group,
        AsynchronousServerSocketChannel listener,
        InetSocketAddress address)
        throws Exception {
      Future<AsynchronousSocketChannel> accept = listener.accept();
      try (Socket socket = new Socket(address.getAddress(), address.getPort());
          AsynchronousSocketChannel accepted = accept.get()) {
        socket.getOutputStream().write(1);
        accepted.read(ByteBuffer.allocate(1)).get();
      }
      try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
          AsynchronousSocketChannel client = provider.openAsynchronousSocketChannel(group)) {
        client.connect(server.getLocalSocketAddress()).get();
        try (Socket socket = server.accept()) {
          client.write(ByteBuffer.allocate(1)).get();
          Future<Integer> read = client.read(ByteBuffer.allocate(1));
          socket.getOutputStream().write(1);
          read.get();
        }
      }
    }

    private static void exchange(AsynchronousSocketChannel one, AsynchronousSocketChannel other)
        throws Exception {
      Future<Integer> read = other.read(ByteBuffer.allocate(1));
      one.write(ByteBuffer.allocate(1)).get();
      read.get();
      Awaited<Long> gathered = new Awaited<>();
      ByteBuffer[] two = {ByteBuffer.allocate(1), ByteBuffer.allocate(1)};
      one.write(two, 0, 2, 30, TimeUnit.SECONDS, null, gathered);
      gathered.outcome.join();
      Awaited<Integer> handled = new Awaited<>();
      other.read(ByteBuffer.allocate(1), 30, TimeUnit.SECONDS, null, handled);
      handled.outcome.join();
      Awaited<Long> scattered = new Awaited<>();
      ByteBuffer[] last = {ByteBuffer.allocate(1)};
      other.read(last, 0, 1, 30, TimeUnit.SECONDS, null, scattered);
      scattered.outcome.join();
      Awaited<Integer> late = new Awaited<>();
      other.read(ByteBuffer.allocate(1), 1, TimeUnit.MILLISECONDS, null, late);
      assertThatThrownBy(late.outcome::join)
          .hasCauseInstanceOf(InterruptedByTimeoutException.class);
      Future<Integer> cancelled = one.read(ByteBuffer.allocate(1));
      one.shutdownOutput();
      cancelled.cancel(true);
      other.close();
    }
  }

  /** A handler whose outcome can be waited for. */
  private static final class Awaited<V> implements CompletionHandler<V, Void> {
    final CompletableFuture<V> outcome = new CompletableFuture<>();

    @Override
    public void completed(V result, Void attachment) {
      outcome.complete(result);
    }

    @Override
    public void failed(Throwable failure, Void attachment) {
      outcome.completeExceptionally(failure);
    }
  }

  /** Opens a channel with a full heap, and again with more and more of it. */
  static final class WithoutHeap {
    static byte[] spare;

    private WithoutHeap() {}

    /** Opens and closes one. */
    private interface Opening {
      void run() throws Exception;
    }

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws Exception {
      try (RingNetwork network = RingNetwork.open()) {
        network.installSockets();
        Opening opening =
            switch (args[0]) {
              case "datagrams" -> () -> network.provider().openDatagramChannel().close();
              case "datagram sockets" -> () -> new DatagramSocket().close();
              case "groups" ->
                  () ->
                      network
                          .asynchronousProvider()
                          .openAsynchronousChannelGroup(1, Executors.defaultThreadFactory())
                          .shutdownNow();
              default ->
                  () -> network.asynchronousProvider().openAsynchronousSocketChannel(null).close();
            };
        isRefused(0, WithoutHeap::fail); // what the catch needs is loaded then
        System.out.println(MARK);
        for (int bytes = 1 << 10; isRefused(bytes, opening); bytes += bytes / 2) {
          System.out.println(REFUSED);
        }
        opening.run();
        System.out.println("opened");
      }
    }

    private static void fail() {
      throw new OutOfMemoryError("to try");
    }

    private static boolean isRefused(int bytes, Opening opening) throws Exception {
      spare = new byte[bytes];
      FullHeap.fill();
      spare = null;
      try {
        opening.run();
        return false;
      } catch (OutOfMemoryError e) {
        return true;
      } finally {
        FullHeap.free();
      }
    }
  }
}
