package io.nioring.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.internal.net.PlainDatagramSockets;
import io.nioring.internal.platform.PlatformProvider;
import io.nioring.route.Mode;
import io.nioring.route.Routes;
import io.nioring.testkit.Deadline;
import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * All operations of datagram channels and their sockets, in a network whose datagrams stay in the
 * JVM, and in one that has loopback addresses of the kernel's too.
 */
final class DatagramFaultScript implements Supplier<List<Supplier<FaultCase>>> {
  private static final long WAIT_SECONDS = 10;
  private static final Set<Thread.State> MOVING = Set.of(Thread.State.NEW, Thread.State.RUNNABLE);
  private static final InetSocketAddress CLIENT = new InetSocketAddress("10.9.8.6", 54);
  private static final InetSocketAddress SERVER = new InetSocketAddress("10.9.8.7", 53);
  private static final InetSocketAddress GROUP = new InetSocketAddress("239.9.8.7", 53);
  private static final Routes IN_KERNEL = Routes.parse("udp:127.0.0.0/8:*=kernel");

  /** A part of a case. */
  @FunctionalInterface
  private interface Step {
    void run(World world) throws Exception;
  }

  private final List<Supplier<FaultCase>> cases = new ArrayList<>();

  @Override
  public List<Supplier<FaultCase>> get() {
    for (Routes routes : List.of(Routes.none(), IN_KERNEL)) {
      naming(routes);
      moving(routes);
      waiting(routes);
      groups(routes);
      sockets(routes);
      plainSockets(routes);
      ending(routes);
    }
    withTheKernel();
    return cases;
  }

  private void add(Routes routes, String name, Step prepare, Step operate) {
    String full = (routes.isEmpty() ? "datagrams: " : "datagrams beside the kernel's: ") + name;
    cases.add(() -> new Case(full, routes, prepare, operate));
  }

  // -- the cases

  private void naming(Routes routes) {
    add(routes, "open", world -> {}, World::opening);
    add(routes, "bind", World::opening, w -> w.client.bind(CLIENT));
    add(routes, "bind to any", World::opening, w -> w.client.bind(null));
    add(
        routes,
        "connect and disconnect",
        World::bound,
        w -> {
          w.client.connect(SERVER);
          w.client.disconnect();
        });
    add(routes, "connect without a name", World::opening, w -> w.client.connect(SERVER));
    add(
        routes,
        "options and names",
        World::bound,
        w -> {
          w.client.setOption(StandardSocketOptions.SO_RCVBUF, 50_000);
          w.client.setOption(StandardSocketOptions.SO_BROADCAST, true);
          w.client.setOption(StandardSocketOptions.IP_MULTICAST_IF, w.loopback);
          w.client.getOption(StandardSocketOptions.SO_SNDBUF);
          w.client.getLocalAddress();
          w.client.getRemoteAddress();
          assertThat(w.client.toString()).isNotEmpty();
        });
  }

  private void moving(Routes routes) {
    add(
        routes,
        "send and receive",
        World::bound,
        w -> {
          w.client.send(bytes(10), SERVER);
          w.server.send(bytes(20), w.server.receive(bytes(100)));
          w.client.receive(bytes(100));
        });
    add(
        routes,
        "write and read",
        World::connected,
        w -> {
          w.client.write(bytes(10));
          w.server.read(bytes(100));
          w.server.write(new ByteBuffer[] {bytes(1), bytes(2_000)});
          w.client.read(new ByteBuffer[] {bytes(100), bytes(100)});
        });
    add(
        routes,
        "receive nothing",
        World::bound,
        w -> {
          w.client.configureBlocking(false);
          assertThat(w.client.receive(bytes(1))).isNull();
        });
    add(
        routes,
        "find nobody",
        World::bound,
        w -> {
          w.server.close();
          w.client.connect(SERVER);
          try {
            w.client.write(bytes(1));
            w.client.write(bytes(1));
          } catch (PortUnreachableException e) {
            return; // as it should be
          }
        });
  }

  private void waiting(Routes routes) {
    add(routes, "send to a waiting receiver", World::withReceiver, w -> w.send(SERVER));
    add(
        routes,
        "register and select",
        World::bound,
        w -> {
          w.selector();
          w.server.configureBlocking(false);
          SelectionKey key = w.server.register(w.selector, SelectionKey.OP_READ);
          w.selector.selectNow();
          w.send(SERVER);
          w.selector.select(1_000);
          w.server.receive(bytes(10));
          w.selector.selectedKeys().clear();
          key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
          w.selector.selectNow();
        });
    add(routes, "send to a waiting selector", World::withSelecting, w -> w.send(SERVER));
  }

  private void groups(Routes routes) {
    add(
        routes,
        "join, send to the group, leave",
        World::grouped,
        w -> {
          MembershipKey key = w.server.join(GROUP.getAddress(), w.loopback);
          w.client.setOption(StandardSocketOptions.IP_MULTICAST_IF, w.loopback);
          w.send(GROUP);
          w.server.configureBlocking(false);
          w.server.receive(bytes(10));
          key.block(CLIENT.getAddress());
          key.unblock(CLIENT.getAddress());
          key.drop();
        });
    add(
        routes,
        "broadcast",
        World::grouped,
        w -> {
          w.client.setOption(StandardSocketOptions.SO_BROADCAST, true);
          w.send(new InetSocketAddress("255.255.255.255", SERVER.getPort()));
          w.server.configureBlocking(false);
          w.server.receive(bytes(10));
        });
  }

  private void sockets(Routes routes) {
    add(
        routes,
        "sockets of channels",
        World::opening,
        w -> {
          DatagramSocket client = w.client.socket();
          DatagramSocket server = w.server.socket();
          client.bind(CLIENT);
          server.bind(SERVER);
          client.connect(SERVER);
          client.send(new DatagramPacket(new byte[10], 10));
          DatagramPacket received = new DatagramPacket(new byte[100], 100);
          server.setSoTimeout(1_000);
          server.receive(received);
          server.send(received);
          client.receive(received);
          server.joinGroup(GROUP, w.loopback);
          server.leaveGroup(GROUP, w.loopback);
          client.disconnect();
        });
    add(
        routes,
        "a socket's timeout",
        World::bound,
        w -> {
          DatagramSocket socket = w.client.socket();
          socket.setSoTimeout(1);
          try {
            socket.receive(new DatagramPacket(new byte[1], 1));
          } catch (SocketTimeoutException e) {
            return; // as it should be
          }
        });
  }

  private void plainSockets(Routes routes) {
    add(routes, "open a plain socket", world -> {}, World::plain);
    add(
        routes,
        "plain sockets",
        World::plain,
        w -> {
          w.bindPlain();
          w.plainClient.connect(SERVER);
          w.plainClient.send(new DatagramPacket(new byte[10], 10));
          DatagramPacket received = new DatagramPacket(new byte[100], 100);
          w.plainServer.setSoTimeout(1_000);
          w.plainServer.receive(received);
          w.plainServer.send(received);
          w.plainClient.receive(received);
          w.plainServer.joinGroup(GROUP, w.loopback);
          w.plainServer.leaveGroup(GROUP, w.loopback);
          w.plainClient.disconnect();
          w.plainClient.close();
        });
    add(
        routes,
        "options of a plain socket",
        World::plain,
        w -> {
          w.plainClient.setReceiveBufferSize(50_000);
          w.plainClient.setBroadcast(false);
          w.plainClient.setOption(StandardSocketOptions.IP_MULTICAST_IF, w.loopback);
          w.plainClient.getSendBufferSize();
          assertThat(w.plainClient.supportedOptions()).isNotEmpty();
        });
    add(
        routes,
        "a plain socket's timeout",
        w -> {
          w.plain();
          w.bindPlain();
        },
        w -> {
          w.plainServer.setSoTimeout(1);
          try {
            w.plainServer.receive(new DatagramPacket(new byte[1], 1));
          } catch (SocketTimeoutException e) {
            return; // as it should be
          }
        });
    add(
        routes,
        "close under a waiting plain receiver",
        w -> {
          w.plain();
          w.bindPlain();
          w.inBackground(
              "plain receiver",
              () -> {
                w.plainServer.receive(new DatagramPacket(new byte[1], 1));
                return null;
              });
        },
        w -> w.plainServer.close());
  }

  private void ending(Routes routes) {
    add(routes, "close", World::bound, w -> w.client.close());
    add(routes, "close with a packet", w -> w.bound().send(SERVER), w -> w.server.close());
    add(routes, "close under a waiting receiver", World::withReceiver, w -> w.server.close());
    add(routes, "close under a select", World::withSelecting, w -> w.server.close());
  }

  private void withTheKernel() {
    add(IN_KERNEL, "send to the kernel", World::outside, World::askOutside);
    add(
        IN_KERNEL,
        "hear the kernel",
        w -> {
          w.outside();
          w.askOutside();
          w.answerFromOutside();
        },
        w -> w.client.receive(bytes(100)));
    add(
        IN_KERNEL,
        "wait for the kernel",
        w -> {
          w.outside();
          w.askOutside();
        },
        w -> {
          w.inBackground(
              "answer",
              () -> {
                w.answerFromOutside();
                return null;
              });
          w.client.receive(bytes(100));
        });
    add(
        IN_KERNEL,
        "connect to the kernel and come back",
        World::outside,
        w -> {
          w.client.bind(CLIENT);
          w.client.connect(w.outsideAddress);
          w.client.write(bytes(10));
          w.client.disconnect();
        });
    add(IN_KERNEL, "become the kernel's", World::outside, w -> w.client.connect(w.outsideAddress));
    add(
        IN_KERNEL,
        "select the kernel's packets",
        World::outside,
        w -> {
          w.selector();
          w.client.configureBlocking(false);
          w.client.register(w.selector, SelectionKey.OP_READ);
          w.selector.selectNow();
          w.askOutside();
          w.answerFromOutside();
          w.selector.select(1_000);
          w.client.receive(bytes(100));
        });
    add(
        IN_KERNEL,
        "close what is in the kernel too",
        w -> {
          w.outside();
          w.askOutside();
        },
        w -> w.client.close());
  }

  private static ByteBuffer bytes(int count) {
    return ByteBuffer.allocate(count);
  }

  /** What is open on a network. */
  private static final class World {
    private final RingNetwork network;
    private final List<Closeable> opened = new ArrayList<>();
    private final List<FutureTask<?>> tasks = new ArrayList<>();
    final NetworkInterface loopback;
    DatagramChannel client;
    DatagramChannel server;
    Selector selector;
    DatagramChannel outside;
    InetSocketAddress outsideAddress;
    DatagramSocket plainClient;
    DatagramSocket plainServer;

    World(RingNetwork network) throws IOException {
      this.network = network;
      this.loopback = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
    }

    private <C extends Closeable> C opened(C channel) {
      opened.add(channel);
      return channel;
    }

    private DatagramChannel openChannel() throws IOException {
      return opened(network.provider().openDatagramChannel(StandardProtocolFamily.INET));
    }

    void opening() throws IOException {
      client = openChannel();
      server = openChannel();
    }

    World bound() throws IOException {
      opening();
      client.bind(CLIENT);
      server.bind(SERVER);
      return this;
    }

    void connected() throws IOException {
      bound();
      client.connect(SERVER);
      server.connect(CLIENT);
    }

    void grouped() throws IOException {
      opening();
      client.bind(CLIENT);
      server.bind(new InetSocketAddress(SERVER.getPort()));
    }

    void plain() throws ReflectiveOperationException {
      plainClient = opened(PlainDatagramSockets.open(network));
      plainServer = opened(PlainDatagramSockets.open(network));
    }

    void bindPlain() throws IOException {
      plainClient.bind(CLIENT);
      plainServer.bind(SERVER);
    }

    void selector() throws IOException {
      selector = opened(network.provider().openSelector());
    }

    void send(InetSocketAddress to) throws IOException {
      client.send(bytes(10), to);
    }

    void withReceiver() throws IOException {
      bound();
      inBackground("receiver", () -> server.receive(bytes(100)));
    }

    void withSelecting() throws IOException {
      bound();
      selector();
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_READ);
      inBackground("selecting", () -> selector.select());
    }

    void outside() throws IOException {
      opening();
      outside =
          opened(PlatformProvider.lazy().get().openDatagramChannel(StandardProtocolFamily.INET));
      outside.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      outsideAddress = (InetSocketAddress) outside.getLocalAddress();
    }

    void askOutside() throws IOException {
      client.send(bytes(10), outsideAddress);
    }

    void answerFromOutside() throws IOException {
      outside.send(bytes(20), outside.receive(bytes(100)));
    }

    void inBackground(String what, Callable<?> body) throws IOException {
      FutureTask<?> task = new FutureTask<>(body);
      Thread thread = new Thread(task, what);
      thread.setDaemon(true);
      thread.start();
      tasks.add(task);
      Deadline.await(
          "waiting, or done", () -> task.isDone() || !MOVING.contains(thread.getState()));
    }

    void close() throws Exception {
      for (Closeable each : opened) {
        each.close();
      }
      for (FutureTask<?> each : tasks) {
        try {
          each.get(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException ignored) {
          // of the close, or of the failure
        }
      }
    }
  }

  /** A case as it runs. */
  private static final class Case implements FaultCase {
    private final String name;
    private final Routes routes;
    private final Step prepare;
    private final Step operate;
    private RingNetwork network;
    private World world;

    Case(String name, Routes routes, Step prepare, Step operate) {
      this.name = name;
      this.routes = routes;
      this.prepare = prepare;
      this.operate = operate;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void prepare() throws Exception {
      network =
          RingNetwork.open(RingNetworkConfig.builder().mode(Mode.RING).routes(routes).build());
      world = new World(network);
      prepare.run(world);
    }

    @Override
    public void operate() throws Exception {
      operate.run(world);
    }

    @Override
    public void checkGoesOn() throws Exception {
      world.close();
      World again = new World(network);
      prepare.run(again);
      operate.run(again);
      again.close();
      World exchange = new World(network);
      exchange.connected();
      exchange.client.write(bytes(5));
      assertThat(exchange.server.read(bytes(10))).isEqualTo(5);
      exchange.close();
    }

    @Override
    public void close() throws Exception {
      network.close();
      assertThat(network.statistics().openChannels()).isZero();
      world.close();
    }
  }
}
