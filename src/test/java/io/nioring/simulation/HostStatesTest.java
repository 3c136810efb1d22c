package io.nioring.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * What each operation of a host's programs does, and what its peers see, in each state of the host.
 *
 * <p>Old sockets are those that were there before; "waits" is what does not end as long as no time
 * passes, "nothing" a 0, a null or a false. A select that begins after the end of the host's
 * programs returns once, as one does that waits then.
 */
@Timeout(180)
@SuppressWarnings({"AddressSelection", "try"})
class HostStatesTest {
  private static final String TABLE =
      """
      operation                 | up      | paused  | killed  | crashed | restarted | closed
      open                      | done    | done    | done    | done    | done      | network closed
      open selector             | done    | done    | done    | done    | done      | done
      bind                      | done    | done    | done    | down    | done      | network closed
      listen                    | done    | done    | done    | down    | done      | network closed
      listen on loopback        | done    | done    | done    | down    | done      | network closed
      connect                   | done    | nothing | done    | down    | done      | network closed
      connect and wait          | done    | waits   | done    | down    | done      | network closed
      connect to a name         | done    | nothing | done    | down    | done      | network closed
      connect to itself         | done    | nothing | refused | down    | refused   | network closed
      connect by loopback       | done    | done    | done    | down    | done      | network closed
      new pair                  | done    | nothing | done    | down    | done      | network closed
      old accept                | nothing | nothing | closed  | closed  | closed    | closed
      old read                  | nothing | nothing | closed  | closed  | closed    | closed
      old write                 | done    | done    | closed  | closed  | closed    | closed
      old option                | done    | done    | closed  | closed  | closed    | closed
      old name                  | done    | done    | closed  | closed  | closed    | closed
      old end of output         | done    | done    | closed  | closed  | closed    | closed
      register old              | done    | done    | closed  | closed  | closed    | closed
      old selector              | nothing | nothing | nothing | nothing | nothing   | nothing
      old selector waits        | waits   | waits   | nothing | nothing | nothing   | nothing
      new Socket                | done    | done    | done    | done    | done      | done
      Socket.connect            | done    | waits   | done    | down    | done      | network closed
      ServerSocket.bind         | done    | done    | done    | down    | done      | network closed
      old ServerSocket.accept   | waits   | waits   | closed  | closed  | closed    | closed
      old Socket.read           | waits   | waits   | closed  | closed  | closed    | closed
      old Socket.write          | done    | done    | closed  | closed  | closed    | closed
      old Socket option         | done    | done    | closed  | closed  | closed    | closed
      async open                | done    | done    | done    | done    | done      | network closed
      async listen              | done    | done    | done    | down    | done      | network closed
      async connect             | done    | waits   | done    | down    | done      | network closed
      old async accept          | waits   | waits   | closed  | closed  | closed    | closed
      old async read            | waits   | waits   | closed  | closed  | closed    | closed
      old async write           | done    | done    | closed  | closed  | closed    | closed
      datagram open             | done    | done    | done    | done    | done      | network closed
      datagram bind             | done    | done    | done    | down    | done      | network closed
      datagram bind to loopback | done    | done    | done    | down    | done      | network closed
      datagram connect          | done    | done    | done    | down    | done      | network closed
      datagram send             | done    | done    | done    | down    | done      | network closed
      datagram send, received   | done    | nothing | done    | down    | done      | network closed
      datagram receive          | nothing | nothing | nothing | down    | nothing   | network closed
      DatagramSocket.send       | done    | done    | done    | down    | done      | network closed
      join                      | done    | done    | done    | done    | done      | network closed
      old datagram send         | done    | done    | closed  | closed  | closed    | closed
      old datagram receive      | nothing | nothing | closed  | closed  | closed    | closed
      old datagram name         | done    | done    | closed  | closed  | closed    | closed
      peer connects             | done    | done    | refused | nothing | refused   | network closed
      peer reads                | nothing | nothing | end     | nothing | nothing   | closed
      peer writes               | done    | done    | done    | done    | done      | closed
      peer writes, then reads   | nothing | nothing | end     | nothing | reset     | closed
      peer writes, old read     | done    | nothing | closed  | closed  | closed    | closed
      old write, peer reads     | done    | nothing | closed  | closed  | closed    | closed
      peer sends a datagram     | done    | done    | done    | done    | done      | closed
      peer sends, old receive   | done    | nothing | closed  | closed  | closed    | closed
      """;

  private static final Pattern BLANKS = Pattern.compile(" *[|] *");

  /** The failures, and what they are called in the table. */
  private static final Map<String, String> FAILURES =
      Map.of(
          "SocketException: Network is down", "down",
          "IllegalStateException: the network is closed", "network closed",
          "SocketException: the network is closed", "network closed",
          "ClosedChannelException", "closed",
          "SocketException: Socket closed", "closed",
          "ConnectException: Connection refused", "refused",
          "SocketException: Connection reset", "reset");

  private static final int ASLEEP_SIGHTINGS = 10;

  /** What becomes of the host before the operation. */
  private enum State {
    UP,
    PAUSED,
    KILLED,
    CRASHED,
    RESTARTED,
    CLOSED
  }

  private interface Operation {
    Object run(Setting setting) throws Exception;
  }

  /** A host with sockets of all kinds, and a peer that is always up. */
  private static final class Setting {
    private final Simulation sim =
        Simulation.open(
            SimulationConfig.builder().virtualTime(true).advanceWhenIdle(false).build());
    private final RingHost peer = sim.host("peer");
    private final RingHost host = sim.host("host");
    private final Selector selector = host.provider().openSelector();
    private final ServerSocketChannel ofPeer = peer.listen(80);
    private final ServerSocketChannel listener = host.listen(81);
    private final ServerSocket plainListener = host.serverSocketFactory().createServerSocket();
    private final AsynchronousServerSocketChannel asyncListener =
        host.asynchronousProvider().openAsynchronousServerSocketChannel(null);
    private final SocketChannel connected = host.connect(peer, 80);
    private final SocketChannel connectedPeer = ofPeer.accept();
    private final Socket plain;
    private final AsynchronousSocketChannel async =
        host.asynchronousProvider().openAsynchronousSocketChannel(null);
    private final DatagramChannel datagrams = host.provider().openDatagramChannel();
    private final DatagramChannel datagramsOfPeer = peer.provider().openDatagramChannel();

    Setting() throws Exception {
      connected.configureBlocking(false);
      connectedPeer.configureBlocking(false);
      listener.configureBlocking(false);
      plainListener.bind(at(host, 82));
      asyncListener.bind(at(host, 83));
      plain = host.socketFactory().createSocket(peer.address(), 80);
      ofPeer.accept();
      async.connect(at(peer, 80)).get();
      ofPeer.accept();
      datagrams.bind(at(host, 53)).configureBlocking(false);
      datagramsOfPeer.bind(at(peer, 53)).configureBlocking(false);
      ofPeer.configureBlocking(false);
    }

    void enter(State state) {
      switch (state) {
        case PAUSED -> host.pause();
        case KILLED -> host.kill();
        case CRASHED -> host.crash();
        case RESTARTED -> {
          host.crash();
          host.restart();
        }
        case CLOSED -> sim.close();
        default -> assertThat(host.isUp()).isTrue();
      }
    }
  }

  private static InetSocketAddress at(RingHost host, int port) {
    return new InetSocketAddress(host.address(), port);
  }

  private static ByteBuffer bytes(String text) {
    return UTF_8.encode(text);
  }

  private static SocketChannel connecting(RingHost from, SocketAddress to) throws IOException {
    SocketChannel channel = from.provider().openSocketChannel();
    channel.configureBlocking(false);
    channel.connect(to);
    return channel;
  }

  private static final Map<String, Operation> OPERATIONS = new LinkedHashMap<>();

  static {
    ofNewChannels();
    ofConnects();
    ofOldChannels();
    ofPlainSockets();
    ofAsynchronousChannels();
    ofNewDatagramChannels();
    ofDatagrams();
    ofPeers();
    ofPeersAndOldOnes();
  }

  private static void ofNewChannels() {
    OPERATIONS.put("open", s -> s.host.provider().openSocketChannel());
    OPERATIONS.put("open selector", s -> s.host.provider().openSelector());
    OPERATIONS.put("bind", s -> s.host.provider().openSocketChannel().bind(at(s.host, 0)));
    OPERATIONS.put("listen", s -> s.host.listen(90));
    OPERATIONS.put(
        "listen on loopback",
        s ->
            s.host
                .provider()
                .openServerSocketChannel()
                .bind(new InetSocketAddress("127.0.0.1", 0)));
  }

  private static void ofConnects() {
    OPERATIONS.put("connect", s -> connecting(s.host, at(s.peer, 80)).finishConnect());
    OPERATIONS.put("connect and wait", s -> s.host.connect(s.peer, 80));
    OPERATIONS.put(
        "connect to a name",
        s -> connecting(s.host, InetSocketAddress.createUnresolved("peer", 80)).finishConnect());
    OPERATIONS.put("connect to itself", s -> connecting(s.host, at(s.host, 81)).finishConnect());
    OPERATIONS.put(
        "connect by loopback",
        s -> {
          ServerSocketChannel server = s.sim.localhost().provider().openServerSocketChannel();
          server.bind(new InetSocketAddress("127.0.0.1", 0));
          return connecting(s.host, server.getLocalAddress()).finishConnect();
        });
    OPERATIONS.put(
        "new pair",
        s -> {
          SocketChannel client = connecting(s.host, at(s.peer, 80));
          return client.finishConnect() ? s.ofPeer.accept() : null;
        });
  }

  private static void ofOldChannels() {
    OPERATIONS.put("old accept", s -> s.listener.accept());
    OPERATIONS.put("old read", s -> s.connected.read(ByteBuffer.allocate(1)));
    OPERATIONS.put("old write", s -> s.connected.write(bytes("x")));
    OPERATIONS.put("old option", s -> s.connected.getOption(StandardSocketOptions.SO_RCVBUF));
    OPERATIONS.put("old name", s -> s.connected.getLocalAddress());
    OPERATIONS.put("old end of output", s -> s.connected.shutdownOutput());
    OPERATIONS.put(
        "register old", s -> s.connected.register(s.selector, SelectionKey.OP_WRITE).isValid());
    OPERATIONS.put("old selector", s -> s.selector.selectNow());
    OPERATIONS.put("old selector waits", s -> s.selector.select());
  }

  private static void ofPlainSockets() {
    OPERATIONS.put("new Socket", s -> s.host.socketFactory().createSocket());
    OPERATIONS.put(
        "Socket.connect", s -> s.host.socketFactory().createSocket(s.peer.address(), 80));
    OPERATIONS.put("ServerSocket.bind", s -> s.host.serverSocketFactory().createServerSocket(91));
    OPERATIONS.put("old ServerSocket.accept", s -> s.plainListener.accept());
    OPERATIONS.put("old Socket.read", s -> s.plain.getInputStream().read());
    OPERATIONS.put("old Socket.write", s -> written(s.plain));
    OPERATIONS.put("old Socket option", s -> s.plain.getReceiveBufferSize());
  }

  private static String written(Socket socket) throws IOException {
    socket.getOutputStream().write(1);
    return "done";
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the table waits for those that are returned
  private static void ofAsynchronousChannels() {
    OPERATIONS.put(
        "async open", s -> s.host.asynchronousProvider().openAsynchronousSocketChannel(null));
    OPERATIONS.put(
        "async listen",
        s ->
            s.host
                .asynchronousProvider()
                .openAsynchronousServerSocketChannel(null)
                .bind(at(s.host, 92)));
    OPERATIONS.put(
        "async connect",
        s ->
            s.host
                .asynchronousProvider()
                .openAsynchronousSocketChannel(null)
                .connect(at(s.peer, 80)));
    OPERATIONS.put("old async accept", s -> s.asyncListener.accept());
    OPERATIONS.put("old async read", s -> s.async.read(ByteBuffer.allocate(1)));
    OPERATIONS.put("old async write", s -> s.async.write(bytes("x")));
  }

  private static void ofNewDatagramChannels() {
    OPERATIONS.put("datagram open", s -> s.host.provider().openDatagramChannel());
    OPERATIONS.put(
        "datagram bind", s -> s.host.provider().openDatagramChannel().bind(at(s.host, 93)));
    OPERATIONS.put(
        "datagram bind to loopback",
        s ->
            s.host
                .provider()
                .openDatagramChannel()
                .bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0)));
    OPERATIONS.put(
        "datagram connect", s -> s.host.provider().openDatagramChannel().connect(at(s.peer, 53)));
  }

  private static void ofDatagrams() {
    OPERATIONS.put(
        "datagram send",
        s -> s.host.provider().openDatagramChannel().send(bytes("x"), at(s.peer, 53)));
    OPERATIONS.put(
        "datagram send, received",
        s -> {
          s.host.provider().openDatagramChannel().send(bytes("x"), at(s.peer, 53));
          return s.datagramsOfPeer.receive(ByteBuffer.allocate(1));
        });
    OPERATIONS.put(
        "datagram receive",
        s -> {
          DatagramChannel channel = s.host.provider().openDatagramChannel();
          channel.configureBlocking(false);
          return channel.receive(ByteBuffer.allocate(1));
        });
    OPERATIONS.put(
        "DatagramSocket.send",
        s -> {
          DatagramPacket packet = new DatagramPacket(new byte[1], 1, at(s.peer, 53));
          s.host.provider().openDatagramChannel().socket().send(packet);
          return "done";
        });
    OPERATIONS.put(
        "join",
        s ->
            s.host
                .provider()
                .openDatagramChannel(StandardProtocolFamily.INET)
                .join(InetAddress.getByName("239.1.2.3"), NetworkInterface.getByName("lo"))
                .isValid());
    OPERATIONS.put("old datagram send", s -> s.datagrams.send(bytes("x"), at(s.peer, 53)));
    OPERATIONS.put("old datagram receive", s -> s.datagrams.receive(ByteBuffer.allocate(1)));
    OPERATIONS.put("old datagram name", s -> s.datagrams.getLocalAddress());
  }

  private static void ofPeers() {
    OPERATIONS.put("peer connects", s -> connecting(s.peer, at(s.host, 81)).finishConnect());
    OPERATIONS.put("peer reads", s -> s.connectedPeer.read(ByteBuffer.allocate(1)));
    OPERATIONS.put("peer writes", s -> s.connectedPeer.write(bytes("x")));
    OPERATIONS.put(
        "peer writes, then reads",
        s -> {
          s.connectedPeer.write(bytes("x"));
          return s.connectedPeer.read(ByteBuffer.allocate(1));
        });
  }

  private static void ofPeersAndOldOnes() {
    OPERATIONS.put(
        "peer writes, old read",
        s -> {
          s.connectedPeer.write(bytes("x"));
          return s.connected.read(ByteBuffer.allocate(1));
        });
    OPERATIONS.put(
        "old write, peer reads",
        s -> {
          s.connected.write(bytes("x"));
          return s.connectedPeer.read(ByteBuffer.allocate(1));
        });
    OPERATIONS.put(
        "peer sends a datagram", s -> s.datagramsOfPeer.send(bytes("x"), at(s.host, 53)));
    OPERATIONS.put(
        "peer sends, old receive",
        s -> {
          s.datagramsOfPeer.send(bytes("x"), at(s.host, 53));
          return s.datagrams.receive(ByteBuffer.allocate(1));
        });
  }

  @TestFactory
  Iterable<DynamicTest> eachOperationDoesInEachStateWhatTheTableSays() {
    Map<String, String> expected = new LinkedHashMap<>();
    TABLE
        .lines()
        .skip(1)
        .forEach(line -> expected.put(name(line), BLANKS.matcher(line).replaceAll(" | ")));
    Map<String, String> names = new LinkedHashMap<>(expected);
    OPERATIONS.keySet().forEach(name -> names.putIfAbsent(name, ""));
    return names.keySet().stream()
        .map(name -> DynamicTest.dynamicTest(name, () -> check(name, expected.get(name))))
        .toList();
  }

  private static String name(String line) {
    return line.substring(0, line.indexOf('|')).strip();
  }

  private static void check(String name, String expected) throws Exception {
    StringBuilder line = new StringBuilder(name);
    for (State state : State.values()) {
      line.append(" | ").append(outcome(OPERATIONS.get(name), state));
    }
    assertThat(line.toString()).isEqualTo(expected);
  }

  private static String outcome(Operation operation, State state) throws Exception {
    Setting setting = new Setting();
    try (Selector selector = setting.selector;
        Simulation sim = setting.sim) {
      setting.enter(state);
      Background<Object> running = Background.run(() -> result(operation, setting));
      return awaitAsleepOrDone(running) ? outcome(running) : "waits";
    }
  }

  private static Object result(Operation operation, Setting setting) throws Exception {
    Object result = operation.run(setting);
    if (result instanceof Future<?> future) {
      Object later = future.get();
      return later == null ? "done" : later; // as of a connect
    }
    return result;
  }

  /** Whether it is done. */
  private static boolean awaitAsleepOrDone(Background<?> running) throws Exception {
    Deadline deadline = Deadline.start();
    int sightings = 0;
    while (!running.isDone() && sightings < ASLEEP_SIGHTINGS && !deadline.passed()) {
      Thread.State state = running.thread().getState();
      boolean asleep = state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
      sightings = asleep ? sightings + 1 : 0;
      TimeUnit.MILLISECONDS.sleep(1);
    }
    return running.isDone();
  }

  private static String outcome(Background<?> done) throws InterruptedException, TimeoutException {
    try {
      Object result = done.get(0, TimeUnit.SECONDS);
      return result == null || result.equals(0) || result.equals(false)
          ? "nothing"
          : result.equals(-1) ? "end" : "done";
    } catch (ExecutionException e) {
      return text(e.getCause());
    }
  }

  private static String text(Throwable failure) {
    if (failure instanceof ExecutionException) {
      return text(failure.getCause());
    }
    String name = failure.getClass().getSimpleName();
    String text = failure.getMessage() == null ? name : name + ": " + failure.getMessage();
    return FAILURES.getOrDefault(text, text);
  }
}
