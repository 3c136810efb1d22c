package io.nioring.observe;

import io.nioring.RingNetwork;
import io.nioring.testkit.Background;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Traffic of a network by channels, selectors, plain sockets, asynchronous channels, Unix sockets
 * and datagrams, by threads of its own, which look at each byte. A byte that is not the one that
 * was sent ends the thread with an {@link AssertionError}, and so does an exception before {@link
 * #closing} was called.
 */
final class LoadOfAllKinds {
  /** Connections to this port may be reset by anybody. */
  static final int VICTIMS = 666;

  private static final int CHUNK_BYTES = 5000;
  private static final InetAddress HOST = InetAddress.getLoopbackAddress();

  private final RingNetwork network;
  private final Path folder;
  private final List<Background<?>> threads = new ArrayList<>();
  private final LongAdder moved = new LongAdder();
  private final AtomicBoolean closing = new AtomicBoolean();

  LoadOfAllKinds(RingNetwork network, Path folder) {
    this.network = network;
    this.folder = folder;
  }

  /**
   * Starts it.
   *
   * @param connections how many connections one selector has
   */
  void start(int connections) throws IOException {
    streams(new InetSocketAddress(HOST, 0));
    streams(UnixDomainSocketAddress.of(folder.resolve("s")));
    plainSockets();
    asynchronousChannels();
    datagrams();
    manyOfASelector(connections);
    shortLives();
    victims();
  }

  /** How many bytes have arrived. */
  long moved() {
    return moved.sum();
  }

  /** From now on threads may meet exceptions, which end them. */
  void closing() {
    closing.set(true);
  }

  /** Waits for the end of all threads. */
  void awaitEnd(Duration longest) {
    threads.forEach(each -> each.result(longest));
  }

  private void run(Callable<?> body) {
    threads.add(
        Background.run(
            () -> {
              try {
                body.call();
              } catch (IOException | ExecutionException | IllegalStateException e) {
                if (!closing.get()) {
                  throw e;
                }
              }
              return null;
            }));
  }

  // -- what is sent: each byte follows from its position

  private static byte at(long position) {
    return (byte) (position * 31 + (position >>> 8));
  }

  private static byte[] bytes(long position, int count) {
    byte[] all = new byte[count];
    for (int i = 0; i < count; i++) {
      all[i] = at(position + i);
    }
    return all;
  }

  private void check(long position, byte[] all, int count) {
    for (int i = 0; i < count; i++) {
      if (all[i] != at(position + i)) {
        throw new AssertionError("byte " + (position + i) + " is " + all[i]);
      }
    }
    moved.add(count);
  }

  // -- streams

  private interface Output {
    void write(byte[] bytes) throws Exception;
  }

  private interface Input {
    int read(byte[] into) throws Exception;
  }

  private void stream(Output out, Input in) {
    Random sizes = new Random(threads.size());
    run(
        () -> {
          for (long position = 0; !closing.get(); ) {
            byte[] chunk = bytes(position, 1 + sizes.nextInt(CHUNK_BYTES));
            out.write(chunk);
            position += chunk.length;
          }
          return null;
        });
    run(
        () -> {
          byte[] into = new byte[CHUNK_BYTES];
          int count = 0;
          for (long position = 0; count >= 0; position += count) {
            count = in.read(into);
            check(position, into, count);
          }
          return null;
        });
  }

  private static void write(SocketChannel to, byte[] bytes) throws IOException {
    for (ByteBuffer left = ByteBuffer.wrap(bytes); left.hasRemaining(); ) {
      to.write(left);
    }
  }

  private ServerSocketChannel listen(SocketAddress address) throws IOException {
    boolean isUnix = address instanceof UnixDomainSocketAddress;
    ServerSocketChannel server =
        isUnix
            ? network.provider().openServerSocketChannel(StandardProtocolFamily.UNIX)
            : network.provider().openServerSocketChannel();
    return server.bind(address, 4000);
  }

  private SocketChannel connect(SocketAddress address) throws IOException {
    boolean isUnix = address instanceof UnixDomainSocketAddress;
    SocketChannel client =
        isUnix
            ? network.provider().openSocketChannel(StandardProtocolFamily.UNIX)
            : network.provider().openSocketChannel();
    client.connect(address);
    return client;
  }

  private void streams(SocketAddress address) throws IOException {
    ServerSocketChannel listener = listen(address);
    SocketChannel client = connect(listener.getLocalAddress());
    SocketChannel server = listener.accept();
    stream(bytes -> write(client, bytes), into -> server.read(ByteBuffer.wrap(into)));
    stream(bytes -> write(server, bytes), into -> client.read(ByteBuffer.wrap(into)));
  }

  private void plainSockets() throws IOException {
    ServerSocket listener = network.serverSocketFactory().createServerSocket(0, 50, HOST);
    Socket client = network.socketFactory().createSocket(HOST, listener.getLocalPort());
    Socket server = listener.accept();
    OutputStream out = client.getOutputStream();
    InputStream in = server.getInputStream();
    stream(out::write, in::read);
  }

  private void asynchronousChannels() throws IOException {
    AsynchronousServerSocketChannel listener =
        network.asynchronousProvider().openAsynchronousServerSocketChannel(null);
    listener.bind(new InetSocketAddress(HOST, 0));
    AsynchronousSocketChannel client =
        network.asynchronousProvider().openAsynchronousSocketChannel(null);
    Future<AsynchronousSocketChannel> accepted = listener.accept();
    try {
      client.connect(listener.getLocalAddress()).get();
      AsynchronousSocketChannel server = accepted.get();
      stream(
          bytes -> {
            for (ByteBuffer left = ByteBuffer.wrap(bytes); left.hasRemaining(); ) {
              client.write(left).get();
            }
          },
          into -> server.read(ByteBuffer.wrap(into)).get());
    } catch (InterruptedException | ExecutionException e) {
      throw new IOException(e);
    }
  }

  private void datagrams() throws IOException {
    DatagramChannel in = network.provider().openDatagramChannel();
    in.bind(new InetSocketAddress(HOST, 0));
    DatagramChannel out = network.provider().openDatagramChannel();
    out.connect(in.getLocalAddress());
    run(
        () -> {
          while (!closing.get()) {
            byte[] one = bytes(moved.sum(), 200);
            out.write(ByteBuffer.wrap(one));
            LockSupport.parkNanos(1000);
          }
          return null;
        });
    run(
        () -> {
          for (ByteBuffer one = ByteBuffer.allocate(300); in.receive(one.clear()) != null; ) {
            byte[] got = one.array();
            for (int i = 1; i < 200; i++) { // each is whole, and some may be lost
              int step = (byte) (got[i] - got[i - 1]);
              if (one.position() != 200 || (step != 31 && step != 32)) {
                throw new AssertionError("a datagram of " + one.position() + ", step " + step);
              }
            }
          }
          return null;
        });
  }

  // -- a selector

  /** Echoes what many connections send. */
  private void manyOfASelector(int connections) throws IOException {
    ServerSocketChannel listener = listen(new InetSocketAddress(HOST, 0));
    Selector selector = network.provider().openSelector();
    List<SocketChannel> clients = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      clients.add(connect(listener.getLocalAddress()));
      SocketChannel server = listener.accept();
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_READ);
    }
    run(
        () -> {
          while (!closing.get()) {
            selector.select(100);
            for (SelectionKey key : selector.selectedKeys()) {
              echo((SocketChannel) key.channel());
            }
            selector.selectedKeys().clear();
          }
          selector.close();
          return null;
        });
    run(() -> exchange(clients));
  }

  private static void echo(SocketChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(100);
    channel.read(bytes);
    channel.write(bytes.flip()); // 100 bytes at most are on the way
  }

  private Object exchange(List<SocketChannel> clients) throws IOException {
    for (long round = 0; !closing.get(); round++) {
      for (SocketChannel client : clients) {
        write(client, bytes(100 * round, 100));
      }
      for (SocketChannel client : clients) {
        ByteBuffer back = ByteBuffer.allocate(100);
        while (back.hasRemaining()) {
          if (client.read(back) < 0) {
            throw new EOFException();
          }
        }
        check(100 * round, back.array(), 100);
      }
    }
    return null;
  }

  // -- those that come and go

  private void shortLives() throws IOException {
    ServerSocketChannel listener = listen(new InetSocketAddress(HOST, 0));
    run(
        () -> {
          for (long i = 0; !closing.get(); i++) {
            try (SocketChannel client = connect(listener.getLocalAddress());
                SocketChannel server = listener.accept()) {
              write(client, bytes(i, 50));
              client.shutdownOutput();
              byte[] all = new DataInputStream(server.socket().getInputStream()).readAllBytes();
              check(i, all, 50);
            }
          }
          return null;
        });
  }

  /** Two ends that wait until somebody resets them, again and again. */
  private void victims() throws IOException {
    ServerSocketChannel listener = listen(new InetSocketAddress(HOST, VICTIMS));
    run(
        () -> {
          while (!closing.get()) {
            try (SocketChannel client = connect(listener.getLocalAddress());
                SocketChannel server = listener.accept()) {
              write(client, bytes(0, 10));
              server.read(ByteBuffer.allocate(20));
              client.read(ByteBuffer.allocate(1));
              if (!closing.get()) { // when the server end is closed first, this one reads the end
                throw new AssertionError("a victim read what nobody sent");
              }
            } catch (IOException e) {
              if (!String.valueOf(e.getMessage()).startsWith("Connection reset")) { // also by peer
                throw e;
              }
            }
          }
          return null;
        });
  }
}
