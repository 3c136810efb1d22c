package io.nioring.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.SocketPair;
import io.nioring.route.Mode;
import io.nioring.socket.AncillaryData;
import io.nioring.socket.RingSocket;
import io.nioring.testkit.Deadline;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * All operations, each as a {@link FaultCase}: what is there before, what may fail, and what has to
 * hold afterwards. Loaded by {@link FaultLoader}, so that it uses the woven classes.
 */
public final class FaultScript implements Supplier<List<Supplier<FaultCase>>> {
  static final int LARGE = 300_000;

  /**
   * A part of a case.
   *
   * @param <W> what it works on
   */
  @FunctionalInterface
  interface Step<W> {
    void run(W world) throws Exception;
  }

  static final Step<World> NOTHING = world -> {};

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
      ChannelFaults.add(mode);
      PlainSocketFaults.add(mode);
      AsynchronousFaults.add(mode);
    }
    RouteFaults.add();
    CaptureFaults.add();
    SimulationFaults.add();
    CASES.addAll(new DatagramFaultScript().get());
    return CASES;
  }

  private static void add(Mode mode, String name, Step<World> prepare, Step<World> operate) {
    Setting setting = Setting.of(mode);
    CASES.add(() -> new Case<>(setting, name, false, World::new, prepare, operate));
  }

  /** Adds one of the further cases. */
  static <W extends FaultWorld> void add(
      Setting setting,
      String name,
      Supplier<W> worlds,
      Step<? super W> prepare,
      Step<? super W> operate) {
    CASES.add(() -> new Case<>(setting, name, true, worlds, prepare, operate));
  }

  /** Opens the network of a case. */
  @FunctionalInterface
  interface Opening {
    RingNetwork open();
  }

  /**
   * What a case's network is like.
   *
   * @param name for messages
   * @param inKernel whether addresses are the kernel's too
   */
  record Setting(String name, Opening opening, boolean inKernel) {
    static Setting of(Mode mode) {
      RingNetworkConfig config = RingNetworkConfig.builder().mode(mode).build();
      return new Setting(mode.toString(), () -> RingNetwork.open(config), mode != Mode.RING);
    }
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
    add(mode, "accept a reader", World::offeredReader, World::accept);
    add(
        mode,
        "accept without blocking",
        World::offered,
        w -> {
          w.server.configureBlocking(false);
          w.accept();
        });
    if (mode == Mode.HYBRID) {
      add(mode, "connect to the kernel", FaultWorld::outside, World::connect);
      add(
          mode,
          "register, then connect to the kernel",
          FaultWorld::outside,
          World::connectRegistered);
      add(mode, "accept from the kernel", World::offeredFromOutside, World::accept);
      add(mode, "accept a reader from the kernel", World::offeredOutsideReader, World::accept);
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
    add(mode, "close a server beside another", World::listeningBeside, w -> w.server.close());
    add(mode, "close the network", World::withEverything, w -> w.network.close());
  }

  static ByteBuffer bytes(int count) {
    return ByteBuffer.allocate(count);
  }

  // -- what they work on

  /** Channels and what is registered. */
  @SuppressWarnings("FutureReturnValueIgnored") // each is waited for at the end
  private static final class World extends FaultWorld {
    SocketChannel client;
    SocketChannel accepted;
    ServerSocketChannel server;
    Selector selector;
    SelectionKey key;
    Pipe pipe;

    void socket() throws IOException {
      client = opened(provider.openSocketChannel());
    }

    void unixSocket() throws IOException {
      client = opened(provider.openSocketChannel(StandardProtocolFamily.UNIX));
    }

    void server() throws IOException {
      server = opened(provider.openServerSocketChannel());
      if (inKernel) {
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

    /** At another address of the port, which the close of the server leaves as it is. */
    void listeningBeside() throws IOException {
      byte[] other = address.getAddress().getAddress();
      other[3]++;
      server();
      server.bind(new InetSocketAddress(InetAddress.getByAddress(other), address.getPort()));
      listening();
    }

    void listeningUnix() throws IOException {
      unixServer();
      server.bind(path);
    }

    java.net.Socket offeredFromOutside() throws IOException {
      listening();
      java.net.Socket outside = opened(new java.net.Socket());
      outside.connect(address);
      return outside;
    }

    void offeredOutsideReader() throws IOException {
      java.net.Socket reading = offeredFromOutside();
      readingUnlessAccepted(() -> reading.getInputStream().read(), () -> accepted != null, server);
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
      client.bind(new InetSocketAddress(address.getAddress(), 0));
      client.connect(target);
    }

    void offered() throws IOException {
      listening();
      connect();
    }

    void offeredReader() throws IOException {
      offered();
      SocketChannel reading = client;
      readingUnlessAccepted(() -> reading.read(bytes(1)), () -> accepted != null, server);
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

    void withReader() throws IOException {
      connected();
      SocketChannel reading = accepted;
      SocketChannel writing = client;
      reading(() -> reading.read(bytes(100)), () -> !writing.isOpen());
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
      message.ancillary().channels().forEach(this::opened);
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
  }

  /** A case as it runs. */
  private static final class Case<W extends FaultWorld> implements FaultCase {
    private static final int LOWEST_PORT = 10_000;
    private static final int PORT_COUNT = 20_000;
    private static final AtomicInteger PORTS = new AtomicInteger();

    private final Setting setting;
    private final String name;
    private final boolean further;
    private final Supplier<W> worlds;
    private final Step<? super W> prepare;
    private final Step<? super W> operate;
    private final Path directory;
    private RingNetwork network;
    private SocketPair canary;
    private W world;
    private InetSocketAddress address;

    Case(
        Setting setting,
        String name,
        boolean further,
        Supplier<W> worlds,
        Step<? super W> prepare,
        Step<? super W> operate) {
      this.setting = setting;
      this.name = name;
      this.further = further;
      this.worlds = worlds;
      this.prepare = prepare;
      this.operate = operate;
      this.directory = Path.of(System.getProperty("java.io.tmpdir"));
    }

    @Override
    public String name() {
      return setting.name() + " " + name;
    }

    @Override
    public boolean isFurther() {
      return further;
    }

    @Override
    public void prepare() throws Exception {
      network = setting.opening().open();
      canary = network.socketPair();
      address = setting.inKernel() ? freePort() : new InetSocketAddress("10.9.8.7", 80);
      world = newWorld();
      prepare.run(world);
    }

    /**
     * A port at a loopback address of this process's own. Linux gives nobody one below 32768 who
     * asks for any, as others do at the wildcard address, which is this one too.
     */
    private static InetSocketAddress freePort() throws IOException {
      long process = ProcessHandle.current().pid();
      byte[] own = {127, (byte) (1 + process % 250), (byte) (process >> 8), 1};
      int port = LOWEST_PORT + Math.floorMod(PORTS.getAndIncrement(), PORT_COUNT);
      return new InetSocketAddress(InetAddress.getByAddress(own), port);
    }

    private W newWorld() {
      W made = worlds.get();
      Path path = directory.resolve("nioring-fault-" + ProcessHandle.current().pid());
      made.enter(network, setting.inKernel(), address, path);
      return made;
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
      world.checkNobodyIsDeaf();
      world.close();
      ByteBuffer echo = bytes(5);
      canary.first().write(bytes(5));
      while (echo.hasRemaining()) {
        canary.second().read(echo);
      }
      W again = newWorld();
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
