package io.nioring.internal.net;

import io.nioring.internal.core.ListeningSocket;
import io.nioring.internal.core.OptionValues;
import io.nioring.internal.hybrid.HybridListeningSocket;
import io.nioring.internal.network.AddressFamily;
import io.nioring.internal.network.NetworkResources;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketOption;

/**
 * The implementation of a {@link ServerSocket} that accepts connections over rings, and also from
 * the kernel where its address is hybrid: the facade of a {@link ListeningSocket}. Thread-safe.
 */
final class RingServerSocketImpl extends PlainSocketImpl {
  private final PlainWait accepting = new PlainWait(this);

  /** Null until it was created. */
  private volatile ListeningSocket socket;

  /** The address that {@link #listen} binds to; null before. */
  private volatile InetSocketAddress wanted;

  RingServerSocketImpl(NetworkResources network, AddressFamily family) {
    super(network, family);
  }

  @Override
  protected void create(boolean stream) throws IOException {
    if (!stream) {
      throw new SocketException("a server socket over rings is a stream socket");
    }
    try {
      socket =
          HybridListeningSocket.open(
              network, family, this, OptionValues.ofPlainServer(), KernelServerSocket::bind);
    } catch (IllegalStateException e) { // the network was closed
      throw PlainExceptions.asSocketException(e);
    }
    if (!isOpen()) { // closed meanwhile
      implClose();
    }
  }

  private ListeningSocket created() throws SocketException {
    ListeningSocket present = socket;
    if (present == null) {
      throw isOpen() ? new SocketException("Not created") : PlainExceptions.closed();
    }
    return present;
  }

  // -- binding and accepting

  /** Stores the address: {@link ServerSocket} calls {@link #listen} next, with the backlog. */
  @Override
  protected void bind(InetAddress host, int portNumber) throws IOException {
    ensureOpen();
    if (wanted != null) {
      throw new SocketException("Already bound");
    }
    wanted = new InetSocketAddress(host, portNumber);
  }

  @Override
  protected void listen(int backlog) throws IOException {
    ensureOpen();
    InetSocketAddress local = wanted;
    if (local == null) {
      throw new SocketException("Not bound");
    }
    try {
      created().bind(family.checkAvailable(local), backlog);
    } catch (IOException | RuntimeException e) {
      wanted = null; // a later bind may succeed
      throw PlainExceptions.of(e);
    }
    address = local.getAddress();
    localport = localName().getPort();
  }

  @Override
  protected void accept(SocketImpl connection) throws IOException {
    if (!(connection instanceof RingSocketImpl client) || !client.isAcceptedBy(network)) {
      throw new SocketException(
          "a server socket over rings accepts sockets of its network, not "
              + connection.getClass());
    }
    try {
      created().accept(accepting, deadline(timeoutMillis()), client);
    } catch (IOException | RuntimeException e) {
      throw PlainExceptions.of(e);
    }
    if (!client.isOpen()) { // closed before it was connected
      client.close();
      throw PlainExceptions.closed();
    }
  }

  @Override
  InetSocketAddress localName() throws IOException {
    return (InetSocketAddress) created().localAddress();
  }

  // -- options

  @Override
  OptionValues options() {
    ListeningSocket present = socket;
    return present == null ? OptionValues.ofPlainServer() : present.options();
  }

  @Override
  <T> void set(SocketOption<T> option, T value) throws IOException {
    options().ensureSupported(option);
    created().setOption(option, value);
  }

  @Override
  <T> T get(SocketOption<T> option) throws IOException {
    options().ensureSupported(option);
    return created().option(option);
  }

  @Override
  void takeUrgentInline(boolean on) throws SocketException {
    throw connectionless();
  }

  @Override
  boolean takesUrgentInline() throws SocketException {
    throw connectionless();
  }

  // -- close

  @Override
  void implClose() throws IOException {
    ListeningSocket present = socket;
    if (present != null) {
      present.close();
    }
  }

  // -- what only a connected socket does

  private static SocketException connectionless() {
    return new SocketException("a server socket has no connection of its own");
  }

  @Override
  protected void connect(String host, int portNumber) throws SocketException {
    throw connectionless();
  }

  @Override
  protected void connect(InetAddress host, int portNumber) throws SocketException {
    throw connectionless();
  }

  @Override
  protected void connect(SocketAddress remote, int timeout) throws SocketException {
    throw connectionless();
  }

  @Override
  protected InputStream getInputStream() throws SocketException {
    throw connectionless();
  }

  @Override
  protected OutputStream getOutputStream() throws SocketException {
    throw connectionless();
  }

  @Override
  protected int available() throws SocketException {
    throw connectionless();
  }

  @Override
  protected void sendUrgentData(int data) throws SocketException {
    throw connectionless();
  }
}
