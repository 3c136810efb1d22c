package io.nioring.contract;

import static io.nioring.contract.DatagramSocketOperations.PATH;
import static io.nioring.contract.DatagramSocketOperations.UNRESOLVED;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What asynchronous channels and their groups answer to bad arguments and in the wrong state, as on
 * the platform; see {@link OutcomeTable}.
 */
@SuppressWarnings({
  "FutureReturnValueIgnored",
  "try"
}) // most are not begun; closes may be interrupted
class AsynchronousExceptionsTest {
  private static final AsynchronousWorld.Kind PLATFORM = AsynchronousWorld.Kind.PLATFORM;

  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private static final long NO_LIMIT = 0;

  /** The state of a channel before the operation. */
  enum State {
    OPEN,
    BOUND,
    CONNECTING,
    CONNECTED,
    READING,
    READ_TIMED_OUT,
    INPUT_SHUT,
    OUTPUT_SHUT,
    CLOSED
  }

  /** The state of a server before the operation. */
  enum ServerState {
    OPEN,
    BOUND,
    ACCEPTING,
    CLOSED
  }

  static Stream<Arguments> states() {
    return each(State.values());
  }

  static Stream<Arguments> serverStates() {
    return each(ServerState.values());
  }

  private static Stream<Arguments> each(Enum<?>[] states) {
    return Arrays.stream(AsynchronousWorld.Kind.values())
        .filter(kind -> kind != PLATFORM)
        .flatMap(kind -> Arrays.stream(states).map(state -> Arguments.of(kind, state)));
  }

  @ParameterizedTest
  @MethodSource("states")
  @Timeout(180)
  void channelsFailAsThePlatforms(AsynchronousWorld.Kind kind, State state) throws Exception {
    assertThat(OutcomeTable.differences(outcomes(PLATFORM, state), outcomes(kind, state)))
        .isEmpty();
  }

  @ParameterizedTest
  @MethodSource("serverStates")
  @Timeout(180)
  void serversFailAsThePlatforms(AsynchronousWorld.Kind kind, ServerState state) throws Exception {
    assertThat(OutcomeTable.differences(outcomes(PLATFORM, state), outcomes(kind, state)))
        .isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"RING", "HYBRID"})
  @Timeout(180)
  void groupsFailAsThePlatforms(AsynchronousWorld.Kind kind) throws Exception {
    assertThat(
            OutcomeTable.differences(
                groups().outcomes(() -> new AsynchronousWorld(PLATFORM)),
                groups().outcomes(() -> new AsynchronousWorld(kind))))
        .isEmpty();
  }

  private static Map<String, String> outcomes(AsynchronousWorld.Kind kind, State state)
      throws Exception {
    try (AsynchronousWorld world = new AsynchronousWorld(kind)) {
      SocketAddress refusing = world.refusing();
      SocketAddress taken = world.listen(null).getLocalAddress();
      SocketAddress full = state == State.CONNECTING ? fullServer(world) : null;
      return operations(refusing, taken).outcomes(() -> channel(world, state, full));
    }
  }

  /** The address of a server whose queue takes no further connection. */
  private static SocketAddress fullServer(AsynchronousWorld world) throws Exception {
    AsynchronousServerSocketChannel server = world.openServer(null).bind(ANY_PORT, 1);
    for (int i = 0; i < 2; i++) {
      AsynchronousWorld.get(world.openClient(null).connect(server.getLocalAddress()));
    }
    return server.getLocalAddress();
  }

  private static AsynchronousSocketChannel channel(
      AsynchronousWorld world, State state, SocketAddress full) throws Exception {
    if (state == State.OPEN || state == State.BOUND || state == State.CONNECTING) {
      AsynchronousSocketChannel channel = world.openClient(null);
      if (state == State.BOUND) {
        channel.bind(ANY_PORT);
      } else if (state == State.CONNECTING) {
        assertThat(channel.connect(full).isDone()).isFalse();
      }
      return channel;
    }
    AsynchronousSocketChannel channel = world.pair().client();
    switch (state) {
      case READING -> assertThat(channel.read(bytes(1)).isDone()).isFalse();
      case READ_TIMED_OUT -> {
        var told = new AsynchronousWorld.Listening<Integer>();
        channel.read(bytes(1), 1, TimeUnit.MILLISECONDS, null, told);
        assertThat(told.told().failure()).isNotNull();
      }
      case INPUT_SHUT -> channel.shutdownInput();
      case OUTPUT_SHUT -> channel.shutdownOutput();
      case CLOSED -> channel.close();
      default -> {
        // connected
      }
    }
    return channel;
  }

  private static Map<String, String> outcomes(AsynchronousWorld.Kind kind, ServerState state)
      throws Exception {
    try (AsynchronousWorld world = new AsynchronousWorld(kind)) {
      SocketAddress taken = world.listen(null).getLocalAddress();
      return serverOperations(taken).outcomes(() -> server(world, state));
    }
  }

  private static AsynchronousServerSocketChannel server(AsynchronousWorld world, ServerState state)
      throws IOException {
    AsynchronousServerSocketChannel server = world.openServer(null);
    if (state != ServerState.OPEN) {
      server.bind(ANY_PORT);
    }
    if (state == ServerState.ACCEPTING) {
      assertThat(server.accept().isDone()).isFalse();
    } else if (state == ServerState.CLOSED) {
      server.close();
    }
    return server;
  }

  private static ByteBuffer bytes(int count) {
    return ByteBuffer.allocate(count);
  }

  private static ByteBuffer readOnly() {
    return bytes(1).asReadOnlyBuffer();
  }

  private static ByteBuffer[] array(ByteBuffer... buffers) {
    return buffers;
  }

  // -- channels

  private static OutcomeTable<AsynchronousSocketChannel> operations(
      SocketAddress refusing, SocketAddress taken) {
    OutcomeTable<AsynchronousSocketChannel> table = new OutcomeTable<>();
    names(table, refusing, taken);
    reads(table);
    writes(table);
    options(table);
    return table;
  }

  private static void names(
      OutcomeTable<AsynchronousSocketChannel> table, SocketAddress refusing, SocketAddress taken) {
    table
        .does("bind", c -> c.bind(ANY_PORT))
        .does("bind to any", c -> c.bind(null))
        .does("bind to a path", c -> c.bind(PATH))
        .does("bind to a host unknown", c -> c.bind(UNRESOLVED))
        .does("bind to a server's", c -> c.bind(taken))
        .asks("connect", c -> AsynchronousWorld.get(c.connect(taken)))
        .does("connect to null", c -> c.connect(null))
        .does("connect to a path", c -> c.connect(PATH))
        .does("connect to a host unknown", c -> c.connect(UNRESOLVED))
        .asks("connect to nobody", c -> AsynchronousWorld.get(c.connect(refusing)))
        .asks("connect, told to null", c -> connectForHandler(c, taken, null))
        .asks("has a local address", c -> c.getLocalAddress() != null)
        .asks("has a remote address", c -> c.getRemoteAddress() != null)
        .asks("open", AsynchronousSocketChannel::isOpen);
  }

  private static Object connectForHandler(
      AsynchronousSocketChannel channel,
      SocketAddress remote,
      CompletionHandler<Void, Object> handler) {
    channel.connect(remote, null, handler);
    return "begun";
  }

  private static void reads(OutcomeTable<AsynchronousSocketChannel> table) {
    table
        .does("read null", c -> c.read(null))
        .does("read read-only", c -> c.read(readOnly()))
        .asks("read nothing", c -> AsynchronousWorld.get(c.read(bytes(0))))
        .asks("read without a handler", c -> readForHandler(c, bytes(1), null))
        .asks("read null, told", c -> reads(c, null))
        .asks("read read-only, told", c -> reads(c, readOnly()))
        .asks("read nothing, told", c -> reads(c, bytes(0)))
        .does("read twice", AsynchronousExceptionsTest::readTwice)
        .asks("scatter null", c -> scatters(c, null, 0, 0))
        .asks("scatter to null", c -> scatters(c, array((ByteBuffer) null), 0, 1))
        .asks("scatter read-only", c -> scatters(c, array(readOnly()), 0, 1))
        .asks("scatter out of bounds", c -> scatters(c, array(bytes(1)), 0, 2))
        .asks("scatter before the array", c -> scatters(c, array(bytes(1)), -1, 1))
        .asks("scatter -1 buffers", c -> scatters(c, array(bytes(1)), 0, -1))
        .asks("scatter nothing", c -> scatters(c, array(bytes(0)), 0, 1))
        .asks("scatter to no buffer", c -> scatters(c, array(), 0, 0))
        .does("end input", AsynchronousSocketChannel::shutdownInput)
        .does("end input twice", c -> c.shutdownInput().shutdownInput());
  }

  private static Object readForHandler(
      AsynchronousSocketChannel channel,
      ByteBuffer dst,
      CompletionHandler<Integer, Object> handler) {
    channel.read(dst, NO_LIMIT, TimeUnit.SECONDS, null, handler);
    return "begun";
  }

  private static Object reads(AsynchronousSocketChannel channel, ByteBuffer dst) throws Exception {
    var told = new AsynchronousWorld.Listening<Integer>();
    channel.read(dst, NO_LIMIT, TimeUnit.SECONDS, null, told);
    return result(told);
  }

  private static Object result(AsynchronousWorld.Listening<?> listening) throws Exception {
    AsynchronousWorld.Told told = listening.told();
    if (told.failure() != null) {
      throw new ExecutionException(told.failure());
    }
    return told.result();
  }

  private static void readTwice(AsynchronousSocketChannel channel) {
    channel.read(bytes(1));
    channel.read(bytes(1));
  }

  private static Object scatters(
      AsynchronousSocketChannel channel, ByteBuffer[] dsts, int offset, int length)
      throws Exception {
    var told = new AsynchronousWorld.Listening<Long>();
    channel.read(dsts, offset, length, NO_LIMIT, TimeUnit.SECONDS, null, told);
    return result(told);
  }

  private static void writes(OutcomeTable<AsynchronousSocketChannel> table) {
    table
        .does("write null", c -> c.write(null))
        .asks("write", c -> AsynchronousWorld.get(c.write(bytes(1))))
        .asks("write nothing", c -> AsynchronousWorld.get(c.write(bytes(0))))
        .asks("gather null", c -> gathers(c, null, 0, 0))
        .asks("gather of null", c -> gathers(c, array((ByteBuffer) null), 0, 1))
        .asks("gather", c -> gathers(c, array(readOnly()), 0, 1))
        .asks("gather out of bounds", c -> gathers(c, array(bytes(1)), 0, 2))
        .asks("gather before the array", c -> gathers(c, array(bytes(1)), -1, 1))
        .asks("gather nothing", c -> gathers(c, array(), 0, 0))
        .does("end output", AsynchronousSocketChannel::shutdownOutput)
        .does("end output twice", c -> c.shutdownOutput().shutdownOutput());
  }

  private static Object gathers(
      AsynchronousSocketChannel channel, ByteBuffer[] srcs, int offset, int length)
      throws Exception {
    var told = new AsynchronousWorld.Listening<Long>();
    channel.write(srcs, offset, length, NO_LIMIT, TimeUnit.SECONDS, null, told);
    return result(told);
  }

  private static void options(OutcomeTable<AsynchronousSocketChannel> table) {
    table
        .does("get null", c -> c.getOption(null))
        .does("set null", c -> c.setOption(null, 1))
        .does("get lingering", c -> c.getOption(StandardSocketOptions.SO_LINGER))
        .does("set of groups", c -> c.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 1))
        .does("set to null", c -> c.setOption(StandardSocketOptions.SO_RCVBUF, null))
        .does("receive buffer -1", c -> c.setOption(StandardSocketOptions.SO_RCVBUF, -1))
        .does("send buffer -1", c -> c.setOption(StandardSocketOptions.SO_SNDBUF, -1))
        .asks("no delay", c -> c.getOption(StandardSocketOptions.TCP_NODELAY));
  }

  // -- servers

  private static OutcomeTable<AsynchronousServerSocketChannel> serverOperations(
      SocketAddress taken) {
    return new OutcomeTable<AsynchronousServerSocketChannel>()
        .does("accept twice", AsynchronousExceptionsTest::acceptTwice)
        .does("accept without a handler", c -> c.accept(null, null))
        .does("bind", c -> c.bind(ANY_PORT))
        .does("bind to any", c -> c.bind(null))
        .does("bind to a path", c -> c.bind(PATH))
        .does("bind to a host unknown", c -> c.bind(UNRESOLVED))
        .does("bind to another's", c -> c.bind(taken))
        .does("backlog -1", c -> c.bind(null, -1))
        .asks("has an address", c -> c.getLocalAddress() != null)
        .does("get null", c -> c.getOption(null))
        .does("set null", c -> c.setOption(null, 1))
        .does("get of clients", c -> c.getOption(StandardSocketOptions.TCP_NODELAY))
        .does("set of clients", c -> c.setOption(StandardSocketOptions.TCP_NODELAY, true))
        .does("set to null", c -> c.setOption(StandardSocketOptions.SO_RCVBUF, null))
        .does("receive buffer -1", c -> c.setOption(StandardSocketOptions.SO_RCVBUF, -1))
        .asks("reuse", c -> c.getOption(StandardSocketOptions.SO_REUSEADDR))
        .asks("open", AsynchronousServerSocketChannel::isOpen);
  }

  private static void acceptTwice(AsynchronousServerSocketChannel server) {
    server.accept();
    server.accept();
  }

  // -- groups

  private static OutcomeTable<AsynchronousWorld> groups() {
    return new OutcomeTable<AsynchronousWorld>()
        .does("no threads", w -> w.fixedGroup(0, "none"))
        .does("-1 threads", w -> w.fixedGroup(-1, "none"))
        .does("no factory", w -> w.provider().openAsynchronousChannelGroup(1, null))
        .does("no executor", w -> w.provider().openAsynchronousChannelGroup(null, 1))
        .does("group of nobody's", w -> w.provider().openAsynchronousSocketChannel(foreign(w)))
        .does("server of it", w -> w.provider().openAsynchronousServerSocketChannel(foreign(w)))
        .does("group that is shut", w -> w.provider().openAsynchronousSocketChannel(shut(w)))
        .does("server of it, too", w -> w.provider().openAsynchronousServerSocketChannel(shut(w)))
        .asks("shut", w -> shut(w).isShutdown())
        .asks("shut twice", AsynchronousExceptionsTest::shutTwice);
  }

  private static AsynchronousChannelGroup shut(AsynchronousWorld world) throws IOException {
    AsynchronousChannelGroup group = world.fixedGroup(1, "shut");
    group.shutdown();
    return group;
  }

  private static boolean shutTwice(AsynchronousWorld world) throws Exception {
    AsynchronousChannelGroup group = shut(world);
    group.shutdownNow();
    group.shutdown();
    return group.awaitTermination(10, TimeUnit.SECONDS);
  }

  /** A group of neither provider's. */
  private static AsynchronousChannelGroup foreign(AsynchronousWorld world) {
    return new AsynchronousChannelGroup(world.provider()) {
      @Override
      public boolean isShutdown() {
        return false;
      }

      @Override
      public boolean isTerminated() {
        return false;
      }

      @Override
      public void shutdown() {}

      @Override
      public void shutdownNow() {}

      @Override
      public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
      }
    };
  }
}
