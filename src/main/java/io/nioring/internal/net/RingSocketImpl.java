package io.nioring.internal.net;

import io.nioring.internal.core.Acceptor;
import io.nioring.internal.core.OptionValues;
import io.nioring.internal.core.StreamSocket;
import io.nioring.internal.core.Way;
import io.nioring.internal.hybrid.UndecidedSocket;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.stream.Endpoint;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;

/**
 * The implementation of a {@link Socket} whose bytes go through rings: the facade of a {@link
 * StreamSocket}.
 *
 * <p>Kernel connections go through the platform's own implementation, see {@link
 * KernelPlainSocket}. The checks, their order, and the exceptions are those of the platform's.
 * Thread-safe: one read and one write may go on at the same time.
 */
final class RingSocketImpl extends PlainSocketImpl implements Acceptor<RingSocketImpl> {
  private final PlainWait reading = new PlainWait(this);
  private final PlainWait writing = new PlainWait(this);

  /** Null until it was created or accepted, and if the kernel has accepted it. */
  private volatile StreamSocket socket;

  /** The socket accepted by the kernel; null if there is none. */
  private volatile KernelPlainSocket accepted;

  /** Whether a read has met the end: then all do, even after a close. */
  private volatile boolean ended;

  private volatile boolean urgentInline;

  /** The network for an accepted socket. */
  private NetworkResources ofServer;

  RingSocketImpl(NetworkResources network, AddressFamily family) {
    super(network, family);
    this.ofServer = network;
  }

  @Override
  protected void create(boolean stream) throws SocketException {
    if (!stream) {
      throw new SocketException("a plain socket over rings is a stream socket");
    }
    try {
      socket =
          StreamSocket.open(
              network, family, this, UndecidedSocket.of(network, family, KernelPlainSocket::open));
      closeIfClosed();
    } catch (IOException | IllegalStateException e) { // the latter if the network was closed
      throw PlainExceptions.asSocketException(e);
    }
  }

  /** A concurrent close has not seen the new socket. */
  private void closeIfClosed() throws IOException {
    if (!isOpen()) {
      implClose();
    }
  }

  private Way way() throws SocketException {
    StreamSocket present = socket;
    Way way = present == null ? accepted : present.way();
    if (way == null) {
      throw isOpen() ? new SocketException("Not connected") : PlainExceptions.closed();
    }
    return way;
  }

  // -- accepting

  @Override
  public RingSocketImpl overRing(Endpoint endpoint, OptionValues options) {
    StreamSocket connected = StreamSocket.connected(ofServer, family, endpoint, this, options);
    boolean named = false;
    try {
      nameAs(connected);
      named = true;
    } finally {
      if (!named) { // no room in the heap: nobody else could close it
        closeQuietly(connected);
      }
    }
    become(connected, null);
    return this;
  }

  /**
   * Prepares for being accepted by a server.
   *
   * @param server what the server is made with: its host's, where a network has several
   * @return false if it is of another network
   */
  boolean isAcceptedBy(NetworkResources server) {
    ofServer = server;
    return server.registry() == network.registry();
  }

  @Override
  public RingSocketImpl throughKernel(Closeable fromKernel) throws IOException {
    KernelPlainSocket connected =
        KernelPlainSocket.accepted((Socket) fromKernel, network.counters());
    become(null, connected);
    nameAs(connected);
    return this;
  }

  /** Takes a connection's place; what was created only to hold an option is closed. */
  private void become(StreamSocket overRing, KernelPlainSocket throughKernel) {
    StreamSocket before = socket;
    accepted = throughKernel;
    socket = overRing;
    if (before != null) {
      closeQuietly(before);
    }
  }

  private static void closeQuietly(StreamSocket unconnected) {
    try {
      unconnected.close();
    } catch (IOException e) {
      throw new AssertionError("an unconnected socket has nothing of the kernel's", e);
    }
  }

  /** Stores the addresses in the fields that {@link Socket} reads, also after close. */
  private void nameAs(Way connected) {
    InetSocketAddress remote = (InetSocketAddress) connected.lastRemoteAddress();
    InetSocketAddress local = (InetSocketAddress) connected.lastLocalAddress();
    if (remote != null && local != null) { // else closed meanwhile
      address = remote.getAddress();
      port = remote.getPort();
      localport = local.getPort();
    }
  }

  @Override
  protected void listen(int backlog) throws SocketException {
    throw new SocketException("a client's socket does not listen");
  }

  @Override
  protected void accept(SocketImpl connection) throws SocketException {
    throw new SocketException("a client's socket does not accept");
  }

  // -- connecting and names

  @Override
  protected void bind(InetAddress host, int portNumber) throws IOException {
    ensureOpen();
    try {
      created().bind(family.checkAvailable(new InetSocketAddress(host, portNumber)));
    } catch (IOException | RuntimeException e) {
      throw PlainExceptions.of(e);
    }
    address = host;
    localport = localName().getPort();
  }

  private StreamSocket created() throws SocketException {
    StreamSocket present = socket;
    if (present == null) {
      throw new SocketException(accepted == null ? "Not created" : "Already connected");
    }
    return present;
  }

  @Override
  protected void connect(String host, int portNumber) throws IOException {
    connect(new InetSocketAddress(host, portNumber), 0);
  }

  @Override
  protected void connect(InetAddress host, int portNumber) throws IOException {
    connect(new InetSocketAddress(host, portNumber), 0);
  }

  @Override
  protected void connect(SocketAddress remote, int timeout) throws IOException {
    InetSocketAddress target = target(remote);
    try {
      implConnect(target, timeout);
    } catch (IOException | RuntimeException e) {
      close();
      throw connectFailure(e);
    }
  }

  private void implConnect(InetSocketAddress remote, int timeout) throws IOException {
    ensureOpen();
    StreamSocket present = created();
    address = remote.getAddress();
    port = remote.getPort();
    present.connect(reading, family.checkAvailable(remote), deadline(timeout));
    InetSocketAddress local = (InetSocketAddress) present.way().lastLocalAddress();
    localport = local.getPort();
  }

  /** Where a connect goes; a wildcard means this machine. */
  private InetSocketAddress target(SocketAddress remote) throws IOException {
    if (!(network.verdicts().resolved(remote) instanceof InetSocketAddress inet)) {
      throw new SocketException("Unsupported address type: " + remote);
    }
    if (inet.isUnresolved()) {
      throw new UnknownHostException(inet.getHostString());
    }
    return inet.getAddress().isAnyLocalAddress()
        ? new InetSocketAddress(InetAddress.getLocalHost(), inet.getPort())
        : inet;
  }

  private static IOException connectFailure(Exception failure) {
    boolean byInterrupt =
        failure instanceof InterruptedIOException && !(failure instanceof SocketTimeoutException);
    return byInterrupt ? new SocketException("Closed by interrupt") : PlainExceptions.of(failure);
  }

  @Override
  InetSocketAddress localName() throws IOException {
    return (InetSocketAddress) way().localAddress();
  }

  // -- reading

  @Override
  protected InputStream getInputStream() throws IOException {
    way().openInput();
    return new PlainInput(this);
  }

  int read(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (length == 0) {
      return 0;
    }
    if (ended) {
      return -1;
    }
    try {
      int count = way().read(reading, bytes, offset, length, timeoutMillis());
      if (count < 0) {
        ended = true;
      }
      return count;
    } catch (IOException | RuntimeException e) {
      throw PlainExceptions.of(e);
    }
  }

  @Override
  protected int available() throws IOException {
    ensureOpen();
    try {
      return way().available();
    } catch (IOException | RuntimeException e) {
      throw PlainExceptions.of(e);
    }
  }

  // -- writing

  @Override
  protected OutputStream getOutputStream() {
    return new PlainOutput(this);
  }

  void write(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    int written = 0;
    try {
      while (written < length) { // it takes less than all only before it fails
        written += way().write(writing, bytes, offset + written, length - written);
      }
    } catch (IOException | RuntimeException e) {
      throw writeFailure(e);
    }
  }

  /** A write to an output that this end has shut, before or meanwhile, fails as in the kernel. */
  private IOException writeFailure(Exception failure) {
    if (failure instanceof ClosedChannelException && isOpen()) {
      Throwable cause = failure.getCause();
      return new SocketException(cause == null ? "Broken pipe" : cause.getMessage());
    }
    return PlainExceptions.of(failure);
  }

  @Override
  protected boolean supportsUrgentData() {
    return true;
  }

  @Override
  protected void sendUrgentData(int data) throws IOException {
    ensureOpen();
    try {
      way().writeUrgent(writing, (byte) data);
    } catch (IOException | RuntimeException e) {
      throw urgentFailure(writeFailure(e));
    }
  }

  /** On the platform the kernel's refusal of urgent data is not a {@link SocketException}. */
  private static IOException urgentFailure(IOException failure) {
    String message = failure.getMessage();
    return "Broken pipe".equals(message) || "Connection reset by peer".equals(message)
        ? new IOException(message)
        : failure;
  }

  // -- options

  @Override
  OptionValues options() {
    StreamSocket present = socket;
    return present == null ? OptionValues.ofStream(family) : present.options();
  }

  @Override
  <T> void set(SocketOption<T> option, T value) throws IOException {
    way().setOption(option, value);
  }

  @Override
  <T> T get(SocketOption<T> option) throws IOException {
    return way().option(option);
  }

  @Override
  void takeUrgentInline(boolean on) throws SocketException {
    StreamSocket present = socket;
    if (present != null) {
      present.takeUrgentInline(on);
    }
    if (present == null || !present.isOnRing()) {
      way().takeUrgentInline(on);
    }
    urgentInline = on;
  }

  @Override
  boolean takesUrgentInline() {
    return urgentInline;
  }

  // -- half-close and close

  @Override
  protected void shutdownInput() throws IOException {
    ensureOpen();
    try {
      way().shutdownInput();
    } catch (IOException | RuntimeException e) {
      throw PlainExceptions.of(e);
    }
  }

  @Override
  protected void shutdownOutput() throws IOException {
    ensureOpen();
    try {
      way().shutdownOutput();
    } catch (IOException | RuntimeException e) {
      throw PlainExceptions.of(e);
    }
  }

  @Override
  void implClose() throws IOException {
    StreamSocket present = socket;
    if (present != null) {
      present.close(true);
    }
    KernelPlainSocket fromKernel = accepted;
    if (fromKernel != null) {
      fromKernel.close();
    }
  }
}
