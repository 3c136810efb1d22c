package io.nioring.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.RingSelectorProvider;
import io.nioring.SocketPair;
import io.nioring.route.Mode;
import io.nioring.socket.AncillaryData;
import io.nioring.socket.RingSocket;
import io.nioring.testkit.Deadline;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * All operations, each as a {@link FaultCase}: what is there before, what may fail, and what has to
 * hold afterwards. Loaded by {@link FaultLoader}, so that it uses the woven classes.
 */
public final class FaultScript implements Supplier<List<Supplier<FaultCase>>> {
  private static final long WAIT_SECONDS = 10;
  private static final int LARGE = 300_000;

  /** A part of a case. */
  @FunctionalInterface
  private interface Step {
    void run(World world) throws Exception;
  }

  private static final Step NOTHING = world -> {};

  private static final List<Supplier<FaultCase>> CASES = new ArrayList<>();

  @Override
  public List<Supplier<FaultCase>> get() {
    for (Mode mode : List.of(Mode.RING, Mode.HYBRID)) {
      opening(mode);
      connecting(mode);
      moving(mode);
      messages(mode);
      selecting(mode);
      ending(mode);
    }
    CASES.addAll(new DatagramFaultScript().get());
    return CASES;
  }

  private static void add(Mode mode, String name, Step prepare, Step operate) {
    CASES.add(() -> new Case(mode + " " + name, mode, prepare, operate));
  }

  // -- the cases

  private static void opening(Mode mode) {
    add(mode, "open a socket channel", NOTHING, World::socket);
    add(mode, "open a Unix socket channel", NOTHING, World::unixSocket);
    add(mode, "open a server channel", NOTHING, World::server);
    add(mode, "open a pipe", NOTHING, World::pipe);
    add(mode, "open a selector", NOTHING, World::selector);
    add(mode, "open a socket pair", NOTHING, World::pair);
    add(mode, "bind a server", World::server, w -> w.server.bind(w.address));
    add(mode, "bind a Unix server", World::unixServer, w -> w.server.bind(w.path));
    add(mode, "bind a client", World::socket, w -> w.client.bind(w.address));
    add(
        mode,
        "options and names",
        World::connected,
        w -> {
          w.client.setOption(StandardSocketOptions.TCP_NODELAY, true);
          w.client.getOption(StandardSocketOptions.SO_SNDBUF);
          w.client.getLocalAddress();
          w.client.getRemoteAddress();
          assertThat(w.client.toString()).isNotEmpty();
          w.server.setOption(StandardSocketOptions.SO_RCVBUF, 10_000);
          w.server.getLocalAddress();
          assertThat(w.server.toString()).isNotEmpty();
        });
  }

  private static void connecting(Mode mode) {
    add(mode, "connect", World::listening, World::connect);
    add(mode, "connect Unix", World::listeningUnix, World::connect);
    add(
        mode,
        "connect without blocking",
        World::listening,
        w -> {
          w.socket();
          w.client.configureBlocking(false);
          if (!w.client.connect(w.address)) {
            w.client.finishConnect();
          }
        });
    add(
        mode,
        "connect to nobody",
        NOTHING,
        w -> {
          w.socket();
          try {
            w.client.connect(w.address);
          } catch (java.net.ConnectException e) {
            w.client.close();
          }
        });
    add(mode, "connect from a name", World::listening, World::connectFromAName);
    add(mode, "accept", World::offered, World::accept);
    add(
        mode,
        "accept without blocking",
        World::offered,
        w -> {
          w.server.configureBlocking(false);
          w.accept();
        });
    if (mode == Mode.HYBRID) {
      add(mode, "connect to the kernel", World::outside, World::connect);
      add(mode, "register, then connect to the kernel", World::outside, World::connectRegistered);
      add(mode, "accept from the kernel", World::offeredFromOutside, World::accept);
    }
  }

  private static void moving(Mode mode) {
    add(mode, "write and read", World::connected, w -> w.exchange(10));
    add(mode, "write and read much", World::connected, w -> w.exchange(LARGE));
    add(mode, "fill and drain", World::connected, World::fillAndDrain);
    add(
        mode,
        "gather and scatter",
        World::connected,
        w -> {
          w.client.write(new ByteBuffer[] {bytes(10), bytes(20_000), bytes(3)});
          w.accepted.read(new ByteBuffer[] {bytes(100), bytes(30_000)});
        });
    add(mode, "write to a waiting reader", World::withReader, w -> w.client.write(bytes(10)));
    add(
        mode,
        "read before a waiting writer",
        World::withWriter,
        w -> w.accepted.read(bytes(2 << 20)));
    add(
        mode,
        "pipe",
        World::pipe,
        w -> {
          w.pipe.sink().write(bytes(10_000));
          w.pipe.source().read(bytes(10_000));
        });
    add(
        mode,
        "adaptor",
        World::connected,
        w -> {
          w.client.socket().getOutputStream().write(new byte[1_000]);
          w.accepted.socket().setSoTimeout(5_000);
          w.accepted.socket().getInputStream().readNBytes(1_000);
        });
  }

  private static void messages(Mode mode) {
    add(mode, "send a message", World::paired, World::send);
    add(
        mode,
        "receive a message",
        w -> {
          w.paired();
          w.send();
        },
        w -> w.keepReceived(((RingSocket) w.accepted).receive(bytes(100))));
    add(
        mode,
        "close before a message",
        w -> {
          w.paired();
          w.send();
        },
        w -> w.accepted.close());
    add(
        mode,
        "receive credentials",
        World::paired,
        w -> {
          ((RingSocket) w.accepted).passCredentials(true);
          w.client.write(bytes(10));
          ((RingSocket) w.accepted).receive(bytes(100));
          ((RingSocket) w.accepted).peerCredentials();
        });
  }

  private static void selecting(Mode mode) {
    add(mode, "register and select", World::selectable, World::registerAndSelect);
    add(
        mode,
        "select with an action",
        World::registered,
        w -> {
          w.client.write(bytes(1));
          w.selector.select(key -> {}, 1_000);
        });
    add(mode, "wake a waiting selector", World::withSelecting, w -> w.selector.wakeup());
    add(mode, "write to a waiting selector", World::withSelecting, w -> w.client.write(bytes(1)));
    add(
        mode,
        "cancel and register again",
        World::registered,
        w -> {
          w.key.cancel();
          w.selector.selectNow();
          w.key = w.accepted.register(w.selector, SelectionKey.OP_READ);
          w.selector.selectNow();
        });
    add(mode, "select for accept", World::acceptable, World::selectAndAccept);
    add(mode, "close a selector", World::registered, w -> w.selector.close());
    add(
        mode,
        "close a registered channel",
        World::registered,
        w -> {
          w.accepted.close();
          w.selector.selectNow();
        });
  }

  private static void ending(Mode mode) {
    add(
        mode,
        "shut down",
        World::connected,
        w -> {
          w.client.write(bytes(3));
          w.client.shutdownOutput();
          w.accepted.shutdownInput();
          w.accepted.shutdownOutput();
        });
    add(mode, "close a client", World::connected, w -> w.client.close());
    add(mode, "close with unread bytes", World::withUnread, w -> w.accepted.close());
    add(mode, "close under a waiting reader", World::withReader, w -> w.client.close());
    add(mode, "close a server", World::listening, w -> w.server.close());
    add(mode, "close a server with connections", World::offered, w -> w.server.close());
    add(mode, "close the network", World::withEverything, w -> w.network.close());
  }

  private static ByteBuffer bytes(int count) {
    return ByteBuffer.allocate(count);
  }

  // -- what they work on

  /** A network, what is open on it, and the addresses to use. */
  private static final class World {
    final RingNetwork network;
    final RingSelectorProvider provider;
    final List<Closeable> opened = new ArrayList<>();
    final List<FutureTask<?>> waiting = new ArrayList<>();
    SocketAddress address;
    SocketAddress target;
    final UnixDomainSocketAddress path;

    SocketChannel client;
    SocketChannel accepted;
    ServerSocketChannel server;
    Selector selector;
    SelectionKey key;
    Pipe pipe;

    World(RingNetwork network, SocketAddress address, UnixDomainSocketAddress path) {
      this.network = network;
      this.provider = network.provider();
      this.address = address;
      this.target = address;
      this.path = path;
    }

    private <C extends Closeable> C opened(C channel) {
      opened.add(channel);
      return channel;
    }

    void socket() throws IOException {
      client = opened(provider.openSocketChannel());
    }

    void unixSocket() throws IOException {
      client = opened(provider.openSocketChannel(StandardProtocolFamily.UNIX));
    }

    void server() throws IOException {
      server = opened(provider.openServerSocketChannel());
      if (network.config().mode() == Mode.HYBRID) {
        server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      }
    }

    void unixServer() throws IOException {
      Files.deleteIfExists(path.getPath());
      server = opened(provider.openServerSocketChannel(StandardProtocolFamily.UNIX));
      target = path;
    }

    void pipe() throws IOException {
      pipe = provider.openPipe();
      opened(pipe.sink());
      opened(pipe.source());
    }

    void selector() throws IOException {
      selector = opened(provider.openSelector());
    }

    void pair() {
      SocketPair pair = opened(network.socketPair());
      client = pair.first();
      accepted = pair.second();
    }

    void paired() {
      pair();
    }

    void listening() throws IOException {
      server();
      server.bind(address);
    }

    void listeningUnix() throws IOException {
      unixServer();
      server.bind(path);
    }

    void outside() throws IOException {
      ServerSocket outside = opened(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
      target = outside.getLocalSocketAddress();
    }

    void offeredFromOutside() throws IOException {
      listening();
      opened(new java.net.Socket()).connect(address);
    }

    void connect() throws IOException {
      if (target instanceof UnixDomainSocketAddress) {
        unixSocket();
      } else {
        socket();
      }
      client.connect(target);
    }

    void connectRegistered() throws IOException {
      socket();
      selector();
      client.configureBlocking(false);
      client.register(selector, SelectionKey.OP_CONNECT);
      if (!client.connect(target)) {
        selector.select(1_000);
        client.finishConnect();
      }
    }

    void connectFromAName() throws IOException {
      socket();
      client.bind(new InetSocketAddress(((InetSocketAddress) address).getAddress(), 0));
      client.connect(target);
    }

    void offered() throws IOException {
      listening();
      connect();
    }

    void accept() throws IOException {
      accepted = opened(server.accept());
    }

    void connected() throws IOException {
      offered();
      accept();
    }

    void exchange(int count) throws IOException {
      client.write(bytes(count));
      ByteBuffer dst = bytes(count);
      while (dst.hasRemaining()) {
        accepted.read(dst);
      }
    }

    void fillAndDrain() throws IOException {
      client.configureBlocking(false);
      accepted.configureBlocking(false);
      ByteBuffer src = bytes(LARGE);
      while (client.write(src.clear()) > 0) {}
      ByteBuffer dst = bytes(LARGE);
      while (accepted.read(dst.clear()) > 0) {}
    }

    void withUnread() throws IOException {
      connected();
      client.write(bytes(10));
    }

    private void inBackground(String what, java.util.concurrent.Callable<?> body) {
      FutureTask<?> task = new FutureTask<>(body);
      Thread thread = new Thread(task, what);
      thread.setDaemon(true);
      thread.start();
      waiting.add(task);
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
      while (!task.isDone() && !isWaiting(thread.getState()) && System.nanoTime() - deadline < 0) {
        Thread.onSpinWait();
      }
    }

    private static boolean isWaiting(Thread.State state) {
      return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
    }

    void withReader() throws IOException {
      connected();
      SocketChannel reading = accepted;
      inBackground("reader", () -> reading.read(bytes(100)));
    }

    void withWriter() throws IOException {
      connected();
      SocketChannel writing = client;
      inBackground("writer", () -> writing.write(bytes(3 << 20)));
    }

    void send() throws IOException {
      ((RingSocket) client)
          .send(
              bytes(10),
              AncillaryData.builder()
                  .channel(opened(provider.openSocketChannel()))
                  .credentials(((RingSocket) client).credentials())
                  .build());
    }

    void keepReceived(io.nioring.socket.ReceivedMessage message) {
      message.ancillary().channels().forEach(channel -> opened.add(channel));
    }

    void selectable() throws IOException {
      connected();
      selector();
      accepted.configureBlocking(false);
      client.configureBlocking(false);
    }

    void registerAndSelect() throws IOException {
      key = accepted.register(selector, SelectionKey.OP_READ | SelectionKey.OP_WRITE, "attached");
      client.register(selector, SelectionKey.OP_READ);
      selector.selectNow();
      client.write(bytes(1));
      selector.select(1_000);
      assertThat(selector.keys()).isNotNull();
      selector.selectedKeys().forEach(SelectionKey::readyOps);
      selector.selectedKeys().clear();
      key.interestOps(SelectionKey.OP_READ);
      selector.selectNow();
    }

    void registered() throws IOException {
      selectable();
      key = accepted.register(selector, SelectionKey.OP_READ);
      selector.selectNow();
    }

    void withSelecting() throws IOException {
      registered();
      Selector selecting = selector;
      inBackground("selecting", () -> selecting.select());
    }

    void acceptable() throws IOException {
      listening();
      selector();
      server.configureBlocking(false);
      key = server.register(selector, SelectionKey.OP_ACCEPT);
    }

    void selectAndAccept() throws IOException {
      connect();
      selector.select(1_000);
      accept();
    }

    void withEverything() throws IOException {
      registered();
      pipe();
      pipe.sink().write(bytes(10));
      connect();
    }

    /** Closes all but the network. */
    void close() throws Exception {
      for (Closeable each : opened) {
        each.close();
      }
      for (FutureTask<?> task : waiting) {
        awaitEnd(task);
      }
      Files.deleteIfExists(path.getPath());
    }

    private static void awaitEnd(FutureTask<?> task) throws Exception {
      try {
        task.get(WAIT_SECONDS, TimeUnit.SECONDS);
      } catch (java.util.concurrent.ExecutionException e) {
        return; // of the close, or of the failure
      }
    }
  }

  /** A case as it runs. */
  private static final class Case implements FaultCase {
    private final String name;
    private final Mode mode;
    private final Step prepare;
    private final Step operate;
    private final Path directory;
    private RingNetwork network;
    private SocketPair canary;
    private World world;
    private SocketAddress address;

    Case(String name, Mode mode, Step prepare, Step operate) {
      this.name = name;
      this.mode = mode;
      this.prepare = prepare;
      this.operate = operate;
      this.directory = Path.of(System.getProperty("java.io.tmpdir"));
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void prepare() throws Exception {
      network = RingNetwork.open(RingNetworkConfig.builder().mode(mode).build());
      canary = network.socketPair();
      address = mode == Mode.RING ? new InetSocketAddress("10.9.8.7", 80) : freePort();
      world = newWorld();
      prepare.run(world);
    }

    private static SocketAddress freePort() throws IOException {
      try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        return any.getLocalSocketAddress();
      }
    }

    private World newWorld() {
      Path path = directory.resolve("nioring-fault-" + ProcessHandle.current().pid());
      return new World(network, address, UnixDomainSocketAddress.of(path));
    }

    @Override
    public void operate() throws Exception {
      operate.run(world);
    }

    @Override
    public void checkGoesOn() throws Exception {
      if (name.endsWith("close the network")) {
        return;
      }
      world.close();
      ByteBuffer echo = bytes(5);
      canary.first().write(bytes(5));
      while (echo.hasRemaining()) {
        canary.second().read(echo);
      }
      World again = newWorld();
      prepare.run(again);
      operate.run(again);
      again.close();
    }

    @Override
    public void close() throws Exception {
      canary.close();
      network.close();
      Deadline.await("what was in flight closed, by a thread of its own", this::isEmpty);
      world.close(); // selectors and outside sockets, after the network's own close
    }

    private boolean isEmpty() {
      return network.statistics().openChannels() == 0
          && network.statistics().memoryInUseBytes() == 0
          && network.statistics().listeners() == 0;
    }
  }
}
