package io.nioring.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import io.nioring.testkit.ThreadKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;

/** {@link Socket} over the platform, over rings, and over the kernel through ours. */
class PlainSocketContractTest {
  private static final int LONG_MILLIS = (int) Deadline.DEFAULT.toMillis();

  /** The output is shut before the reset, so that the peer sees the end. */
  @EachSocketWorld
  void closeWithUnreadBytesIsAnEndToThePeer(SocketWorld world) throws IOException {
    SocketWorld.Pair pair = world.pair();
    pair.client().getOutputStream().write(1);
    pair.server().getInputStream().available();
    pair.server().close();
    assertThat(pair.client().getInputStream().read()).isEqualTo(-1);
    assertThatThrownBy(
            () -> {
              while (true) {
                pair.client().getOutputStream().write(1);
              }
            })
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage("Broken pipe");
  }

  @EachSocketWorld
  void optionsThatTheKernelBoundsAreBounded(SocketWorld world) throws IOException {
    Socket client = world.pair().client();
    client.setTrafficClass(255);
    assertThat(client.getTrafficClass()).isEqualTo(252);
    for (SocketOption<Integer> each :
        List.of(
            ExtendedSocketOptions.TCP_KEEPIDLE,
            ExtendedSocketOptions.TCP_KEEPINTERVAL,
            ExtendedSocketOptions.TCP_KEEPCOUNT)) {
      for (int value : new int[] {-1, 0, 32_768}) {
        assertThatThrownBy(() -> client.setOption(each, value))
            .isExactlyInstanceOf(SocketException.class)
            .hasMessage("Invalid argument");
      }
      client.setOption(each, 100);
      assertThat(client.getOption(each)).isEqualTo(100);
    }
  }

  @EachSocketWorld
  void streamsThatWereNeverUsedSayWhatIsWrong(SocketWorld world) throws IOException {
    SocketWorld.Pair pair = world.pair();
    OutputStream out = pair.client().getOutputStream();
    pair.client().shutdownOutput();
    assertThatThrownBy(() -> out.write(1))
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage("Broken pipe");
    InputStream in = pair.server().getInputStream();
    OutputStream closed = pair.server().getOutputStream();
    pair.server().setSoTimeout(LONG_MILLIS);
    pair.server().close();
    assertThatThrownBy(in::read)
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage("Socket closed");
    assertThatThrownBy(() -> closed.write(1))
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage("Socket closed");
  }

  // -- connecting and names

  @EachSocketWorld
  void unconnectedSocketHasNoAddresses(SocketWorld world) throws IOException {
    Socket socket = world.client();

    assertThat(socket.isBound()).isFalse();
    assertThat(socket.isConnected()).isFalse();
    assertThat(socket.getLocalPort()).isEqualTo(-1);
    assertThat(socket.getLocalAddress().isAnyLocalAddress()).isTrue();
    assertThat(socket.getPort()).isZero();
    assertThat(socket.getInetAddress()).isNull();
    assertThat(socket.getLocalSocketAddress()).isNull();
    assertThat(socket.getRemoteSocketAddress()).isNull();
    assertThat(socket.getChannel()).isNull();
    assertThatThrownBy(socket::getInputStream).isInstanceOf(SocketException.class);
    assertThatThrownBy(socket::getOutputStream).isInstanceOf(SocketException.class);
    assertThatThrownBy(socket::shutdownInput).isInstanceOf(SocketException.class);
  }

  @EachSocketWorld
  void bothEndsKnowTheirAddressesAlsoAfterClose(SocketWorld world) throws IOException {
    SocketWorld.Pair pair = world.pair();
    Socket client = pair.client();
    Socket server = pair.server();

    assertThat(client.getInetAddress()).isEqualTo(world.loopback());
    assertThat(client.getPort()).isEqualTo(server.getLocalPort());
    assertThat(client.getLocalAddress()).isEqualTo(world.loopback());
    assertThat(server.getRemoteSocketAddress()).isEqualTo(client.getLocalSocketAddress());
    assertThat(server.getInetAddress()).isEqualTo(world.loopback());
    assertThat(server.getLocalSocketAddress()).isEqualTo(client.getRemoteSocketAddress());
    SocketAddress remote = client.getRemoteSocketAddress();
    int localPort = client.getLocalPort();
    client.close();
    assertThat(client.isConnected()).isTrue();
    assertThat(client.isClosed()).isTrue();
    assertThat(client.getRemoteSocketAddress()).isEqualTo(remote);
    assertThat(client.getLocalPort()).isEqualTo(localPort);
    assertThat(client.getLocalAddress().isAnyLocalAddress()).isTrue();
  }

  @EachSocketWorld
  void nameOfTheHostIsKept(SocketWorld world) throws IOException {
    ServerSocket server = world.server();

    Socket client = world.closing(world.clients().createSocket("localhost", server.getLocalPort()));

    assertThat(client.getInetAddress().getHostName()).isEqualTo("localhost");
  }

  @EachSocketWorld
  void clientCanBeBoundFirst(SocketWorld world) throws IOException {
    ServerSocket server = world.server();
    Socket client = world.client();

    client.bind(new InetSocketAddress(world.loopback(), 0));

    int port = client.getLocalPort();
    assertThat(port).isPositive();
    assertThat(client.getLocalAddress()).isEqualTo(world.loopback());
    assertThatThrownBy(() -> client.bind(null)).isInstanceOf(SocketException.class);
    client.connect(server.getLocalSocketAddress());
    assertThat(client.getLocalPort()).isEqualTo(port);
    assertThat(world.closing(server.accept()).getPort()).isEqualTo(port);
  }

  @EachSocketWorld
  void refusedConnectClosesTheSocket(SocketWorld world) throws IOException {
    InetSocketAddress refusing = world.refusing();
    Socket socket = world.client();

    assertThatThrownBy(() -> socket.connect(refusing, LONG_MILLIS))
        .isExactlyInstanceOf(ConnectException.class)
        .hasMessageStartingWith("Connection refused");
    assertUseless(socket, refusing);
    assertThatThrownBy(() -> world.clients().createSocket(world.loopback(), refusing.getPort()))
        .isExactlyInstanceOf(ConnectException.class);
  }

  @EachSocketWorld
  void connectGivesUpOnAFullQueue(SocketWorld world) throws IOException {
    ServerSocket server = world.fullServer();
    Socket socket = world.client();

    assertThatThrownBy(() -> socket.connect(server.getLocalSocketAddress(), 100))
        .isExactlyInstanceOf(SocketTimeoutException.class)
        .hasMessageStartingWith("Connect timed out");
    assertUseless(socket, server.getLocalSocketAddress());
  }

  /** A socket that failed to connect is closed beneath; older JDKs do not say so. */
  private static void assertUseless(Socket socket, SocketAddress remote) {
    assertThatThrownBy(() -> socket.connect(remote))
        .isExactlyInstanceOf(SocketException.class)
        .hasMessageMatching("Socket (is )?closed");
  }

  @EachSocketWorld
  void unknownHostIsSaidToBeOne(SocketWorld world) throws IOException {
    Socket socket = world.client();

    assertThatThrownBy(() -> socket.connect(InetSocketAddress.createUnresolved("no.invalid", 1)))
        .isExactlyInstanceOf(UnknownHostException.class)
        .hasMessageContaining("no.invalid");
  }

  @EachSocketWorld
  void connectedSocketConnectsNoMore(SocketWorld world) throws IOException {
    Socket client = world.pair().client();

    assertThatThrownBy(() -> client.connect(new InetSocketAddress(world.loopback(), 1)))
        .isInstanceOf(SocketException.class);
    assertThat(client.isClosed()).isFalse();
  }

  // -- streams

  @EachSocketWorld
  void streamsCarryBytesBothWays(SocketWorld world) throws IOException {
    SocketWorld.Pair pair = world.pair();

    pair.client().getOutputStream().write("question".getBytes(UTF_8));
    assertThat(pair.server().getInputStream().readNBytes(8)).asString().isEqualTo("question");
    pair.server().getOutputStream().write(200);
    assertThat(pair.client().getInputStream().read()).isEqualTo(200);
  }

  @EachSocketWorld
  void muchIsCarriedWhole(SocketWorld world, ThreadKind threads) throws IOException {
    SocketWorld.Pair pair = world.pair();
    byte[] much = new byte[3_000_000];
    for (int i = 0; i < much.length; i++) {
      much[i] = (byte) ((i * 31) >> 3);
    }
    Background<byte[]> echo =
        world.background(
            threads,
            () -> {
              byte[] all = pair.server().getInputStream().readAllBytes();
              pair.server().getOutputStream().write(all);
              pair.server().shutdownOutput();
              return all;
            });

    pair.client().getOutputStream().write(much);
    pair.client().shutdownOutput();

    assertThat(Arrays.equals(pair.client().getInputStream().readAllBytes(), much)).isTrue();
    assertThat(echo.result()).hasSize(much.length);
  }

  @EachSocketWorld
  void streamsCheckTheirArguments(SocketWorld world) throws IOException {
    SocketWorld.Pair pair = world.pair();
    InputStream in = pair.client().getInputStream();
    OutputStream out = pair.client().getOutputStream();

    assertThat(in.read(new byte[0])).isZero();
    out.write(new byte[0]);
    assertThatThrownBy(() -> in.read(new byte[4], 2, 3))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> out.write(new byte[4], -1, 3))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> in.read(null)).isExactlyInstanceOf(NullPointerException.class);
  }

  @EachSocketWorld
  void availableIsExact(SocketWorld world) throws IOException {
    SocketWorld.Pair pair = world.pair();
    InputStream in = pair.server().getInputStream();
    assertThat(in.available()).isZero();

    pair.client().getOutputStream().write("12345".getBytes(UTF_8));

    Deadline.await("5 bytes available", () -> in.available() == 5);
    assertThat(in.read()).isEqualTo('1');
    assertThat(in.available()).isEqualTo(4);
    pair.server().close();
    assertThatThrownBy(in::available).isInstanceOf(SocketException.class);
  }

  @EachSocketWorld
  void readTimesOutAndGoesOn(SocketWorld world) throws IOException {
    SocketWorld.Pair pair = world.pair();
    InputStream in = pair.client().getInputStream();
    pair.client().setSoTimeout(60);
    assertThat(pair.client().getSoTimeout()).isEqualTo(60);

    for (int i = 0; i < 2; i++) {
      long start = System.nanoTime();
      assertThatThrownBy(in::read)
          .isExactlyInstanceOf(SocketTimeoutException.class)
          .hasMessage("Read timed out");
      assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(50));
    }
    pair.client().setSoTimeout(0);
    pair.server().getOutputStream().write('x');
    assertThat(in.read()).isEqualTo('x');
  }

  /** In the kernel only on newer JDKs: on 17 the limit begins with the turn. */
  @EachSocketWorld
  void waitForTheTurnCountsToTheTimeLimitOfARead(SocketWorld world, ThreadKind threads)
      throws Exception {
    boolean isCounted = world.isOnRings() || Runtime.version().feature() >= 25;
    SocketWorld.Pair pair = world.pair();
    InputStream in = pair.client().getInputStream();
    Background<Integer> first = world.background(threads, in::read);
    first.awaitBlockedIn("read");
    pair.client().setSoTimeout(60);

    Background<Integer> second = world.background(threads, in::read);
    if (!isCounted) {
      pair.server().getOutputStream().write('x'); // ends the turn of the first
    }
    assertThat(second.failure())
        .isExactlyInstanceOf(SocketTimeoutException.class)
        .hasMessage("Read timed out");

    if (isCounted) {
      pair.server().getOutputStream().write('x');
    }
    assertThat(first.result()).isEqualTo('x');
  }

  @EachSocketWorld
  void readAndWriteDoNotWaitForOneAnother(SocketWorld world, ThreadKind threads) throws Exception {
    SocketWorld.Pair pair = world.pair();
    Socket socket = pair.client();
    Background<Void> writing =
        world.background(
            threads,
            () -> {
              while (true) {
                socket.getOutputStream().write(new byte[1 << 20]);
              }
            });
    writing.awaitBlockedIn("write");
    pair.server().getOutputStream().write("reply".getBytes(UTF_8));

    assertThat(socket.getInputStream().readNBytes(5)).asString().isEqualTo("reply");

    socket.close();
    assertThat(writing.failure()).isExactlyInstanceOf(SocketException.class);
  }

  // -- the end

  @EachSocketWorld
  void peersCloseIsTheEnd(SocketWorld world) throws IOException {
    SocketWorld.Pair pair = world.pair();
    pair.server().getOutputStream().write(7);
    pair.server().close();

    InputStream in = pair.client().getInputStream();
    assertThat(in.read()).isEqualTo(7);
    assertThat(in.read()).isEqualTo(-1);
    assertThat(in.read(new byte[3])).isEqualTo(-1);
    pair.client().close();
    assertThat(in.read()).as("an end stays the end").isEqualTo(-1);
  }

  @EachSocketWorld
  void writeToAGoneReaderBreaks(SocketWorld world) throws IOException {
    SocketWorld.Pair pair = world.pair();
    pair.server().close();
    OutputStream out = pair.client().getOutputStream();

    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1_000; i++) { // the kernel takes some before it knows
                out.write(new byte[1 << 12]);
              }
            })
        .isExactlyInstanceOf(SocketException.class)
        .hasMessageMatching("Broken pipe|Connection reset.*");
    assertThat(pair.client().isClosed()).isFalse();
  }

  @EachSocketWorld
  void lingerOfZeroResets(SocketWorld world) throws IOException {
    SocketWorld.Pair pair = world.pair();
    pair.server().setSoLinger(true, 0);
    pair.server().close();
    InputStream in = pair.client().getInputStream();

    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(in::read)
          .isExactlyInstanceOf(SocketException.class)
          .hasMessage("Connection reset");
    }
  }

  /** Its peer had told nothing before. */
  @EachSocketWorld
  void resetIsReportedByAWriteThatWaits(SocketWorld world, ThreadKind threads) throws Exception {
    SocketWorld.Pair pair = world.pair();
    Background<Void> writing = writeForEver(world, threads, pair.client());
    pair.server().setSoLinger(true, 0);
    pair.server().close();

    assertThat(writing.failure())
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage("Connection reset by peer");
    assertOver(pair.client());
  }

  /** The end comes before the reset. */
  @EachSocketWorld
  void closeWithUnreadBytesBreaksAWriteThatWaits(SocketWorld world, ThreadKind threads)
      throws Exception {
    SocketWorld.Pair pair = world.pair();
    Background<Void> writing = writeForEver(world, threads, pair.client());
    pair.server().close();

    assertThat(writing.failure())
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage("Broken pipe");
    assertOver(pair.client());
  }

  private static Background<Void> writeForEver(SocketWorld world, ThreadKind threads, Socket socket)
      throws Exception {
    Background<Void> writing =
        world.background(
            threads,
            () -> {
              while (true) {
                socket.getOutputStream().write(new byte[1 << 20]);
              }
            });
    return writing.awaitBlockedIn("write");
  }

  private static void assertOver(Socket socket) throws IOException {
    assertThat(socket.getInputStream().read()).isEqualTo(-1);
    assertThatThrownBy(() -> socket.getOutputStream().write(1))
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage("Broken pipe");
    assertThat(socket.getInputStream().read()).isEqualTo(-1);
  }

  @EachSocketWorld
  void halfCloseEndsOneWay(SocketWorld world) throws IOException {
    SocketWorld.Pair pair = world.pair();
    OutputStream out = pair.client().getOutputStream();
    InputStream in = pair.client().getInputStream();
    out.write(1);
    pair.client().shutdownOutput();

    assertThat(pair.server().getInputStream().readAllBytes()).containsExactly(1);
    assertThat(pair.client().isOutputShutdown()).isTrue();
    assertThatThrownBy(() -> out.write(1))
        .isExactlyInstanceOf(SocketException.class)
        .hasMessageStartingWith("Broken pipe");
    assertThatThrownBy(() -> pair.client().getOutputStream()).isInstanceOf(SocketException.class);
    pair.server().getOutputStream().write(2);
    assertThat(in.read()).isEqualTo(2);
    pair.client().shutdownInput();
    assertThat(in.read()).isEqualTo(-1);
    assertThat(in.available()).isZero();
    assertThatThrownBy(() -> pair.client().shutdownInput()).isInstanceOf(SocketException.class);
  }

  @EachSocketWorld
  void ownShutInputEndsARead(SocketWorld world, ThreadKind threads) throws Exception {
    SocketWorld.Pair pair = world.pair();
    InputStream in = pair.client().getInputStream();
    Background<Integer> reading = world.background(threads, in::read);
    reading.awaitBlockedIn("read");

    pair.client().shutdownInput();

    assertThat(reading.result()).isEqualTo(-1);
  }

  @EachSocketWorld
  void ownShutOutputEndsAWrite(SocketWorld world, ThreadKind threads) throws Exception {
    SocketWorld.Pair pair = world.pair();
    Background<Void> writing = writeForEver(world, threads, pair.client());

    pair.client().shutdownOutput();

    assertThatThrownBy(writing::result)
        .rootCause()
        .isInstanceOf(IOException.class)
        .hasMessage("Broken pipe");
    assertThat(pair.client().isClosed()).isFalse();
  }

  @EachSocketWorld
  void closeEndsARead(SocketWorld world, ThreadKind threads) throws Exception {
    SocketWorld.Pair pair = world.pair();
    InputStream in = pair.client().getInputStream();
    Background<Integer> reading = world.background(threads, in::read);
    reading.awaitBlockedIn("read");

    pair.client().close();

    assertThat(reading.failure())
        .isExactlyInstanceOf(SocketException.class)
        .hasNoCause()
        .hasMessage("Socket closed");
  }

  @EachSocketWorld
  void closeEndsAConnect(SocketWorld world, ThreadKind threads) throws Exception {
    ServerSocket server = world.fullServer();
    Socket socket = world.client();
    Background<Void> connecting =
        world.background(
            threads,
            () -> {
              socket.connect(server.getLocalSocketAddress());
              return null;
            });
    connecting.awaitBlockedIn("connect");

    socket.close();

    assertThat(connecting.failure())
        .isExactlyInstanceOf(SocketException.class)
        .hasMessage("Socket closed");
  }

  @EachSocketWorld
  void closeOfAStreamClosesTheSocket(SocketWorld world) throws IOException {
    SocketWorld.Pair pair = world.pair();
    pair.client().getInputStream().close();
    pair.server().getOutputStream().close();

    assertThat(pair.client().isClosed()).isTrue();
    assertThat(pair.server().isClosed()).isTrue();
  }

  /** Whichever comes first, the connection ends. */
  @EachSocketWorld
  void closeRacesWithAConnect(SocketWorld world, ThreadKind threads) throws Exception {
    ServerSocket server = world.server();
    server.setSoTimeout(LONG_MILLIS);
    for (int i = 0; i < 50; i++) {
      Socket socket = world.client();
      socket.setTcpNoDelay(true); // JDK 17 forgets to close one that is made meanwhile
      CountDownLatch both = new CountDownLatch(2);
      Background<Boolean> connecting =
          world.background(
              threads,
              () -> {
                together(both);
                try {
                  socket.connect(server.getLocalSocketAddress());
                  return true;
                } catch (SocketException e) {
                  return false; // closed before or meanwhile
                }
              });
      together(both);
      socket.close();
      if (connecting.result()) {
        Socket accepted = world.closing(server.accept());
        accepted.setSoTimeout(LONG_MILLIS);
        assertThat(accepted.getInputStream().read()).isEqualTo(-1);
      }
      assertThat(socket.isClosed()).isTrue();
      assertThatThrownBy(() -> socket.getOption(StandardSocketOptions.SO_REUSEADDR))
          .isInstanceOf(SocketException.class);
    }
  }

  private static void together(CountDownLatch all) throws InterruptedException {
    all.countDown();
    all.await();
  }

  @EachSocketWorld
  void closedSocketRefusesTheRest(SocketWorld world) throws IOException {
    Socket socket = world.pair().client();
    InputStream in = socket.getInputStream();
    OutputStream out = socket.getOutputStream();
    socket.close();
    socket.close();

    assertThatThrownBy(in::read).isExactlyInstanceOf(SocketException.class);
    assertThatThrownBy(() -> out.write(1)).isExactlyInstanceOf(SocketException.class);
    assertThatThrownBy(socket::getInputStream).isInstanceOf(SocketException.class);
    assertThatThrownBy(socket::getTcpNoDelay).isInstanceOf(SocketException.class);
    assertThatThrownBy(() -> socket.setSoTimeout(1)).isInstanceOf(SocketException.class);
    assertThatThrownBy(() -> socket.bind(null)).isInstanceOf(SocketException.class);
    assertThatThrownBy(() -> socket.connect(new InetSocketAddress(world.loopback(), 1)))
        .isInstanceOf(SocketException.class);
    assertThatThrownBy(socket::shutdownOutput).isInstanceOf(SocketException.class);
    assertThatThrownBy(() -> socket.sendUrgentData(1)).isInstanceOf(SocketException.class);
  }

  // -- interrupts

  @EachSocketWorld
  void interruptLeavesAPlatformThreadsReadWaiting(SocketWorld world) throws Exception {
    SocketWorld.Pair pair = world.pair();
    Background<Boolean> reading =
        world.background(
            ThreadKind.PLATFORM,
            () -> pair.client().getInputStream().read() == 'x' && Thread.interrupted());
    reading.awaitBlockedIn("read");

    reading.thread().interrupt();
    reading.awaitBlockedIn("read");
    pair.server().getOutputStream().write('x');

    assertThat(reading.result()).as("read, and the flag is kept").isTrue();
    assertThat(pair.client().isClosed()).isFalse();
  }

  @EachSocketWorld
  void interruptFromBeforeLeavesAPlatformThreadsReadWaiting(SocketWorld world) throws Exception {
    SocketWorld.Pair pair = world.pair();
    Background<Boolean> reading =
        world.background(
            ThreadKind.PLATFORM,
            () -> {
              Thread.currentThread().interrupt();
              return pair.client().getInputStream().read() == 'x' && Thread.interrupted();
            });
    reading.awaitBlockedIn("read");

    pair.server().getOutputStream().write('x');

    assertThat(reading.result()).isTrue();
  }

  @EachSocketWorld
  void interruptLeavesATimedReadItsTime(SocketWorld world) throws Exception {
    SocketWorld.Pair pair = world.pair();
    pair.client().setSoTimeout(80);
    Background<Boolean> reading =
        world.background(
            ThreadKind.PLATFORM,
            () -> {
              Thread.currentThread().interrupt();
              assertThatThrownBy(() -> pair.client().getInputStream().read())
                  .isExactlyInstanceOf(SocketTimeoutException.class);
              return Thread.interrupted();
            });

    assertThat(reading.result()).isTrue();
  }

  @EachSocketWorld
  void interruptLeavesAPlatformThreadsWriteWaiting(SocketWorld world) throws Exception {
    SocketWorld.Pair pair = world.pair();
    byte[] much = new byte[8 << 20];
    Background<Boolean> writing =
        world.background(
            ThreadKind.PLATFORM,
            () -> {
              Thread.currentThread().interrupt();
              pair.client().getOutputStream().write(much);
              return Thread.interrupted();
            });
    writing.awaitBlockedIn("write");
    writing.thread().interrupt();

    assertThat(pair.server().getInputStream().readNBytes(much.length)).hasSize(much.length);

    assertThat(writing.result()).isTrue();
  }

  @EachSocketWorld
  void interruptLeavesAPlatformThreadsConnectWaiting(SocketWorld world) throws Exception {
    ServerSocket server = world.fullServer();
    Socket socket = world.client();
    Background<Boolean> connecting =
        world.background(
            ThreadKind.PLATFORM,
            () -> {
              Thread.currentThread().interrupt();
              socket.connect(server.getLocalSocketAddress());
              return Thread.interrupted();
            });
    connecting.awaitBlockedIn("connect");
    connecting.thread().interrupt();

    server.accept().close();
    server.accept().close();

    assertThat(connecting.result()).isTrue();
    assertThat(socket.isConnected()).isTrue();
  }

  @EachSocketWorld
  void interruptedVirtualThreadClosesItsSocket(SocketWorld world, ThreadKind threads)
      throws Exception {
    SocketWorld.Pair pair = world.pair();
    Background<Boolean> reading =
        world.background(
            threads,
            () -> {
              try {
                pair.client().getInputStream().read();
              } catch (SocketTimeoutException e) {
                throw e;
              } catch (SocketException e) {
                assertThat(e).hasMessage("Closed by interrupt");
                return Thread.interrupted();
              }
              return false;
            });
    reading.awaitBlockedIn("read");

    reading.thread().interrupt();

    if (threads == ThreadKind.VIRTUAL) {
      assertThat(reading.result()).isTrue();
      assertThat(pair.client().isClosed()).isTrue();
      assertThat(pair.server().getInputStream().read()).isEqualTo(-1);
    } else {
      pair.server().close();
      assertThat(reading.result()).isFalse();
    }
  }

  @EachSocketWorld
  void interruptedVirtualThreadReadsWhatIsThere(SocketWorld world, ThreadKind threads)
      throws Exception {
    SocketWorld.Pair pair = world.pair();
    pair.server().getOutputStream().write('x');
    InputStream in = pair.client().getInputStream();
    Deadline.await("a byte", () -> in.available() == 1);

    Background<Integer> reading =
        world.background(
            threads,
            () -> {
              Thread.currentThread().interrupt();
              return in.read();
            });

    assertThat(reading.result()).isEqualTo('x');
    assertThat(pair.client().isClosed()).isFalse();
  }

  // -- options and urgent data

  @EachSocketWorld
  void optionsAreThoseOfThePlatform(SocketWorld world) throws IOException {
    try (Socket platform = new Socket();
        Socket socket = world.client()) {
      assertThat(socket.supportedOptions()).isEqualTo(platform.supportedOptions());
      assertThat(socket.getTcpNoDelay()).isEqualTo(platform.getTcpNoDelay());
      assertThat(socket.getSoLinger()).isEqualTo(platform.getSoLinger());
      assertThat(socket.getKeepAlive()).isEqualTo(platform.getKeepAlive());
      assertThat(socket.getReuseAddress()).isEqualTo(platform.getReuseAddress());
      assertThat(socket.getOOBInline()).isEqualTo(platform.getOOBInline());
      assertThat(socket.getTrafficClass()).isEqualTo(platform.getTrafficClass());
      assertThat(socket.getSoTimeout()).isZero();
    }
  }

  @EachSocketWorld
  void optionsAreKept(SocketWorld world) throws IOException {
    Socket unconnected = world.client();
    setOptions(unconnected);
    unconnected.connect(world.server().getLocalSocketAddress());
    assertOptions(unconnected);

    Socket accepted = world.pair().server();
    setOptions(accepted);
    assertOptions(accepted);
  }

  private static void setOptions(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    socket.setSoLinger(true, 12);
    socket.setKeepAlive(true);
    socket.setReuseAddress(true);
    socket.setOOBInline(true);
    socket.setSoTimeout(LONG_MILLIS);
    socket.setOption(StandardSocketOptions.IP_TOS, 0x10);
    socket.setSendBufferSize(20_000);
  }

  private static void assertOptions(Socket socket) throws IOException {
    assertThat(socket.getTcpNoDelay()).isTrue();
    assertThat(socket.getSoLinger()).isEqualTo(12);
    assertThat(socket.getKeepAlive()).isTrue();
    assertThat(socket.getReuseAddress()).isTrue();
    assertThat(socket.getOOBInline()).isTrue();
    assertThat(socket.getSoTimeout()).isEqualTo(LONG_MILLIS);
    assertThat(socket.getTrafficClass()).isEqualTo(0x10);
    assertThat(socket.getSendBufferSize()).isPositive();
    socket.setSoLinger(false, 0);
    assertThat(socket.getSoLinger()).isEqualTo(-1);
  }

  @EachSocketWorld
  void wrongOptionsAreRefused(SocketWorld world) throws IOException {
    Socket socket = world.client();

    assertThatThrownBy(() -> socket.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 1))
        .isExactlyInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> socket.setOption(StandardSocketOptions.TCP_NODELAY, null))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> socket.setSoTimeout(-1))
        .isExactlyInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> socket.setSendBufferSize(0))
        .isExactlyInstanceOf(IllegalArgumentException.class);
  }

  @EachSocketWorld
  void urgentDataComesInBandIfAskedFor(SocketWorld world) throws IOException {
    SocketWorld.Pair pair = world.pair();
    pair.server().setOOBInline(true);

    pair.client().getOutputStream().write(1);
    pair.client().sendUrgentData(2);
    pair.client().getOutputStream().write(3);

    assertThat(pair.server().getInputStream().readNBytes(3)).containsExactly(1, 2, 3);
  }

  /** Unlike other writes not by a {@link SocketException}. */
  @EachSocketWorld
  void resetIsReportedByUrgentData(SocketWorld world) throws IOException {
    SocketWorld.Pair pair = world.pair();
    pair.server().setSoLinger(true, 0);
    pair.server().close();

    assertThatThrownBy(() -> sendUrgentDataForEver(pair.client()))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("Connection reset by peer");
  }

  /** Until it fails: the kernel's reset may take a moment. */
  private static void sendUrgentDataForEver(Socket socket) throws IOException {
    while (socket.isBound()) {
      socket.sendUrgentData(1);
    }
  }

  @EachSocketWorld
  void urgentDataIsNotReadOtherwise(SocketWorld world) throws IOException {
    SocketWorld.Pair pair = world.pair();

    pair.client().getOutputStream().write(1);
    pair.client().sendUrgentData(2);
    pair.client().getOutputStream().write(3);

    assertThat(pair.server().getInputStream().readNBytes(2)).containsExactly(1, 3);
  }
}
