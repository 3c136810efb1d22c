package io.nioring.contract;

import static io.nioring.contract.DatagramSocketOperations.PATH;
import static io.nioring.contract.DatagramSocketOperations.UNRESOLVED;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What plain sockets answer to bad arguments and in the wrong state, as on the platform; see {@link
 * OutcomeTable}.
 */
class PlainSocketExceptionsTest {
  private static final byte[] EMPTY = {};
  private static final int SHORT_MILLIS = 1;
  private static final int LONG_MILLIS = 10_000;
  private static final SocketWorld.Kind PLATFORM = SocketWorld.Kind.PLATFORM;

  /** The state of a socket before the operation. */
  enum State {
    OPEN,
    BOUND,
    CONNECTED,
    INPUT_SHUT,
    OUTPUT_SHUT,
    PEER_CLOSED,
    CLOSED
  }

  /** The state of a server socket before the operation. */
  enum ServerState {
    OPEN,
    BOUND,
    CLOSED
  }

  static Stream<Arguments> states() {
    return each(State.values());
  }

  static Stream<Arguments> serverStates() {
    return each(ServerState.values());
  }

  private static Stream<Arguments> each(Enum<?>[] states) {
    return ours().flatMap(kind -> Arrays.stream(states).map(state -> Arguments.of(kind, state)));
  }

  private static Stream<SocketWorld.Kind> ours() {
    return Arrays.stream(SocketWorld.Kind.values()).filter(kind -> kind != PLATFORM);
  }

  @ParameterizedTest
  @MethodSource("states")
  @Timeout(180)
  void socketsFailAsThePlatforms(SocketWorld.Kind kind, State state) throws Exception {
    assertThat(
            OutcomeTable.lastingDifferences(
                () -> outcomes(PLATFORM, state), () -> outcomes(kind, state)))
        .isEmpty();
  }

  @ParameterizedTest
  @MethodSource("serverStates")
  @Timeout(180)
  void serversFailAsThePlatforms(SocketWorld.Kind kind, ServerState state) throws Exception {
    assertThat(
            OutcomeTable.lastingDifferences(
                () -> outcomes(PLATFORM, state), () -> outcomes(kind, state)))
        .isEmpty();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PLATFORM")
  @Timeout(180)
  void factoriesFailAsThePlatforms(SocketWorld.Kind kind) throws Exception {
    assertThat(
            OutcomeTable.differences(
                factories().outcomes(() -> new SocketWorld(PLATFORM)),
                factories().outcomes(() -> new SocketWorld(kind))))
        .isEmpty();
  }

  private static Map<String, String> outcomes(SocketWorld.Kind kind, State state) throws Exception {
    try (SocketWorld world = new SocketWorld(kind)) {
      InetSocketAddress refusing = world.refusing();
      InetSocketAddress taken = (InetSocketAddress) world.server().getLocalSocketAddress();
      return operations(refusing, taken).outcomes(() -> socket(world, state));
    }
  }

  private static Socket socket(SocketWorld world, State state) throws IOException {
    if (state == State.OPEN || state == State.BOUND) {
      Socket socket = world.client();
      if (state == State.BOUND) {
        socket.bind(new InetSocketAddress(world.loopback(), 0));
      }
      return socket;
    }
    SocketWorld.Pair pair = world.pair();
    Socket socket = pair.client();
    socket.setSoTimeout(state == State.PEER_CLOSED ? LONG_MILLIS : SHORT_MILLIS);
    switch (state) {
      case INPUT_SHUT -> socket.shutdownInput();
      case OUTPUT_SHUT -> socket.shutdownOutput();
      case PEER_CLOSED -> pair.server().close();
      case CLOSED -> socket.close();
      default -> {
        // connected
      }
    }
    return socket;
  }

  private static Map<String, String> outcomes(SocketWorld.Kind kind, ServerState state)
      throws Exception {
    try (SocketWorld world = new SocketWorld(kind)) {
      InetSocketAddress taken = (InetSocketAddress) world.server().getLocalSocketAddress();
      return serverOperations(taken).outcomes(() -> server(world, state));
    }
  }

  private static ServerSocket server(SocketWorld world, ServerState state) throws IOException {
    ServerSocket server = world.unbound();
    server.setSoTimeout(SHORT_MILLIS);
    if (state != ServerState.OPEN) {
      server.bind(new InetSocketAddress(world.loopback(), 0));
    }
    if (state == ServerState.CLOSED) {
      server.close();
    }
    return server;
  }

  // -- sockets

  private static OutcomeTable<Socket> operations(
      InetSocketAddress refusing, InetSocketAddress taken) {
    OutcomeTable<Socket> table = new OutcomeTable<>();
    names(table, refusing, taken);
    reads(table);
    writes(table);
    ends(table);
    numberedOptions(table);
    namedOptions(table);
    state(table);
    return table;
  }

  private static void names(
      OutcomeTable<Socket> table, InetSocketAddress refusing, InetSocketAddress taken) {
    table
        .does("bind to a path", s -> s.bind(PATH))
        .does("bind to a host unknown", s -> s.bind(UNRESOLVED))
        .does("bind to any", s -> s.bind(null))
        .does("bind to a server's", s -> s.bind(taken))
        .does("connect", s -> s.connect(taken))
        .does("connect to null", s -> s.connect(null))
        .does("connect to a path", s -> s.connect(PATH))
        .does("connect to a host unknown", s -> s.connect(UNRESOLVED))
        .does("connect to nobody", s -> s.connect(refusing))
        .does("connect to nobody, in time", s -> s.connect(refusing, LONG_MILLIS))
        .does("connect to port 0", s -> s.connect(new InetSocketAddress(taken.getAddress(), 0)))
        .does("connect for -1", s -> s.connect(taken, -1))
        .asks("connect again after a refusal", s -> afterRefusal(s, refusing, taken));
  }

  /** A socket that was refused is closed. */
  private static String afterRefusal(
      Socket socket, InetSocketAddress refusing, InetSocketAddress taken) throws IOException {
    String refusal = Outcomes.of(() -> socket.connect(refusing));
    return refusal + ", " + socket.isClosed() + ", " + Outcomes.of(() -> socket.connect(taken));
  }

  private static void reads(OutcomeTable<Socket> table) {
    table
        .does("input", Socket::getInputStream)
        .asks("read", s -> s.getInputStream().read())
        .asks("read null", s -> s.getInputStream().read(null))
        .asks("read nothing", s -> s.getInputStream().read(new byte[0]))
        .asks("read out of bounds", s -> s.getInputStream().read(new byte[3], 2, 2))
        .asks("read before the array", s -> s.getInputStream().read(new byte[3], -1, 2))
        .asks("read -1 bytes", s -> s.getInputStream().read(new byte[3], 0, -1))
        .asks("skip nothing", s -> s.getInputStream().skip(0))
        .asks("skip -1", s -> s.getInputStream().skip(-1))
        .asks("available", s -> s.getInputStream().available())
        .does("mark", s -> s.getInputStream().mark(1))
        .does("reset", s -> s.getInputStream().reset())
        .asks("read after the end of input", s -> withInput(s, Socket::shutdownInput).read())
        .asks("available after it", s -> withInput(s, Socket::shutdownInput).available())
        .asks("read after close", s -> withInput(s, Socket::close).read())
        .asks("read nothing after close", s -> withInput(s, Socket::close).read(new byte[0]))
        .asks("available after close", s -> withInput(s, Socket::close).available())
        .asks("skip after close", s -> withInput(s, Socket::close).skip(1))
        .does("close the input twice", PlainSocketExceptionsTest::closeInputTwice)
        .does("output of a closed input", s -> withInput(s, Socket::close).close());
  }

  private static InputStream withInput(Socket socket, OutcomeTable.Step<Socket> step)
      throws Exception {
    InputStream input = socket.getInputStream();
    step.apply(socket);
    return input;
  }

  private static void closeInputTwice(Socket socket) throws IOException {
    InputStream input = socket.getInputStream();
    input.close();
    input.close();
    socket.getOutputStream();
  }

  private static void writes(OutcomeTable<Socket> table) {
    table
        .does("output", Socket::getOutputStream)
        .does("write", s -> s.getOutputStream().write(1))
        .does("write null", s -> s.getOutputStream().write(null))
        .does("write nothing", s -> s.getOutputStream().write(new byte[0]))
        .does("write out of bounds", s -> s.getOutputStream().write(new byte[3], 2, 2))
        .does("write before the array", s -> s.getOutputStream().write(new byte[3], -1, 2))
        .does("write -1 bytes", s -> s.getOutputStream().write(new byte[3], 0, -1))
        .does("flush", s -> s.getOutputStream().flush())
        .does("write after the end", s -> withOutput(s, Socket::shutdownOutput).write(1))
        .does("nothing after the end", s -> withOutput(s, Socket::shutdownOutput).write(EMPTY))
        .does("write after close", s -> withOutput(s, Socket::close).write(1))
        .does("write nothing after close", s -> withOutput(s, Socket::close).write(EMPTY))
        .does("flush after close", s -> withOutput(s, Socket::close).flush())
        .does("urgent", s -> s.sendUrgentData(1));
  }

  private static OutputStream withOutput(Socket socket, OutcomeTable.Step<Socket> step)
      throws Exception {
    OutputStream output = socket.getOutputStream();
    step.apply(socket);
    return output;
  }

  private static void ends(OutcomeTable<Socket> table) {
    table
        .does("end input", Socket::shutdownInput)
        .does("end output", Socket::shutdownOutput)
        .does("end input twice", s -> twice(s, Socket::shutdownInput))
        .does("end output twice", s -> twice(s, Socket::shutdownOutput))
        .does("input after its end", s -> withInput(s, Socket::shutdownInput))
        .does("close twice", s -> twice(s, Socket::close));
  }

  private static void twice(Socket socket, OutcomeTable.Step<Socket> step) throws Exception {
    step.apply(socket);
    step.apply(socket);
  }

  private static void numberedOptions(OutcomeTable<Socket> table) {
    table
        .does("timeout -1", s -> s.setSoTimeout(-1))
        .does("timeout", s -> s.setSoTimeout(5))
        .does("linger -1", s -> s.setSoLinger(true, -1))
        .asks("linger for long", s -> lingering(s, 100_000))
        .asks("linger", Socket::getSoLinger)
        .does("send buffer 0", s -> s.setSendBufferSize(0))
        .does("send buffer -1", s -> s.setSendBufferSize(-1))
        .does("send buffer", Socket::getSendBufferSize)
        .does("receive buffer 0", s -> s.setReceiveBufferSize(0))
        .does("receive buffer -1", s -> s.setReceiveBufferSize(-1))
        .does("receive buffer", Socket::getReceiveBufferSize)
        .does("class -1", s -> s.setTrafficClass(-1))
        .does("class 256", s -> s.setTrafficClass(256))
        .asks("class", Socket::getTrafficClass)
        .asks("no delay", Socket::getTcpNoDelay)
        .does("set no delay", s -> s.setTcpNoDelay(true))
        .asks("keep alive", Socket::getKeepAlive)
        .does("set keep alive", s -> s.setKeepAlive(true))
        .asks("reuse", Socket::getReuseAddress)
        .does("set reuse", s -> s.setReuseAddress(true))
        .asks("urgent in line", Socket::getOOBInline)
        .does("set urgent in line", s -> s.setOOBInline(true))
        .does("preferences", s -> s.setPerformancePreferences(1, -1, 1));
  }

  private static int lingering(Socket socket, int seconds) throws IOException {
    socket.setSoLinger(true, seconds);
    return socket.getSoLinger();
  }

  private static void namedOptions(OutcomeTable<Socket> table) {
    table
        .does("get null", s -> s.getOption(null))
        .does("set null", s -> s.setOption(null, 1))
        .does("get of groups", s -> s.getOption(StandardSocketOptions.IP_MULTICAST_TTL))
        .does("set of groups", s -> s.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 1))
        .does("set to null", s -> s.setOption(StandardSocketOptions.SO_LINGER, null))
        .does("receive size -1", s -> s.setOption(StandardSocketOptions.SO_RCVBUF, -1))
        .does("send size -1", s -> s.setOption(StandardSocketOptions.SO_SNDBUF, -1))
        .does("lingering -2", s -> s.setOption(StandardSocketOptions.SO_LINGER, -2))
        .does("lingering 65536", s -> s.setOption(StandardSocketOptions.SO_LINGER, 65_536))
        .does("service -1", s -> s.setOption(StandardSocketOptions.IP_TOS, -1))
        .does("service 256", s -> s.setOption(StandardSocketOptions.IP_TOS, 256))
        .asks("service", s -> s.getOption(StandardSocketOptions.IP_TOS));
  }

  private static void state(OutcomeTable<Socket> table) {
    table
        .asks("bound", Socket::isBound)
        .asks("connected", Socket::isConnected)
        .asks("closed", Socket::isClosed)
        .asks("input shut", Socket::isInputShutdown)
        .asks("output shut", Socket::isOutputShutdown)
        .asks("read timeout", Socket::getSoTimeout)
        .asks("channel", Socket::getChannel)
        .asks("address of the peer", Socket::getInetAddress)
        .asks("has a port of the peer", s -> s.getPort() > 0)
        .asks("has a local port", s -> Integer.signum(s.getLocalPort()))
        .asks("local address", Socket::getLocalAddress)
        .asks("has a remote name", s -> s.getRemoteSocketAddress() != null)
        .asks("has a local name", s -> s.getLocalSocketAddress() != null);
  }

  // -- servers

  private static OutcomeTable<ServerSocket> serverOperations(InetSocketAddress taken) {
    return new OutcomeTable<ServerSocket>()
        .does("accept", ServerSocket::accept)
        .does("bind", s -> s.bind(new InetSocketAddress(taken.getAddress(), 0)))
        .does("bind to any", s -> s.bind(null))
        .does("bind to a path", s -> s.bind(PATH))
        .does("bind to a host unknown", s -> s.bind(UNRESOLVED))
        .does("bind to another's", s -> s.bind(taken))
        .does("bind to another's, without reuse", s -> bindWithoutReuse(s, taken))
        .does("backlog -1", s -> s.bind(null, -1))
        .does("timeout -1", s -> s.setSoTimeout(-1))
        .asks("timeout", ServerSocket::getSoTimeout)
        .does("receive buffer 0", s -> s.setReceiveBufferSize(0))
        .does("receive buffer", ServerSocket::getReceiveBufferSize)
        .asks("reuse", ServerSocket::getReuseAddress)
        .does("set reuse", s -> s.setReuseAddress(false))
        .does("preferences", s -> s.setPerformancePreferences(1, -1, 1))
        .does("get null", s -> s.getOption(null))
        .does("set null", s -> s.setOption(null, 1))
        .does("get of clients", s -> s.getOption(StandardSocketOptions.TCP_NODELAY))
        .does("set of clients", s -> s.setOption(StandardSocketOptions.TCP_NODELAY, true))
        .does("get lingering", s -> s.getOption(StandardSocketOptions.SO_LINGER))
        .does("set to null", s -> s.setOption(StandardSocketOptions.SO_RCVBUF, null))
        .does("receive size -1", s -> s.setOption(StandardSocketOptions.SO_RCVBUF, -1))
        .asks("bound", ServerSocket::isBound)
        .asks("closed", ServerSocket::isClosed)
        .asks("channel", ServerSocket::getChannel)
        .asks("address", ServerSocket::getInetAddress)
        .asks("has a port", s -> Integer.signum(s.getLocalPort()))
        .asks("has a name", s -> s.getLocalSocketAddress() != null)
        .does("close twice", PlainSocketExceptionsTest::closeTwice);
  }

  private static void bindWithoutReuse(ServerSocket server, InetSocketAddress taken)
      throws IOException {
    server.setReuseAddress(false);
    server.bind(taken);
  }

  private static void closeTwice(ServerSocket server) throws IOException {
    server.close();
    server.close();
  }

  // -- factories

  private static OutcomeTable<SocketWorld> factories() {
    InetAddress none = null;
    String noName = null;
    return new OutcomeTable<SocketWorld>()
        .does("port -1", w -> w.clients().createSocket(w.loopback(), -1))
        .does("port 65536", w -> w.clients().createSocket(w.loopback(), 65_536))
        .does("no host", w -> w.clients().createSocket(none, 9))
        .does("nobody on a host of no name", w -> w.clients().createSocket(noName, refused(w)))
        .does("nobody", w -> w.clients().createSocket(w.loopback(), refused(w)))
        .does("own port -1", w -> w.clients().createSocket(w.loopback(), 9, none, -1))
        .does("server's port -1", w -> w.servers().createServerSocket(-1))
        .does("server's port 65536", w -> w.servers().createServerSocket(65_536))
        .does("port of another", w -> w.servers().createServerSocket(w.server().getLocalPort()))
        .does("no backlog", w -> w.closing(w.servers().createServerSocket(0, 0)))
        .does("backlog -1", w -> w.closing(w.servers().createServerSocket(0, -1)));
  }

  private static int refused(SocketWorld world) throws IOException {
    return world.refusing().getPort();
  }
}
