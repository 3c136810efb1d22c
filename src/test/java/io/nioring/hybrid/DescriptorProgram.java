package io.nioring.hybrid;

import io.nioring.testkit.OpenDescriptors;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A program that opens kernel connections, registers its ends, closes them in different ways, and
 * tells how many descriptors that took. The other ends are plain sockets, which no provider sees.
 */
final class DescriptorProgram {
  /** Connections in all: some for each way and each side. */
  static final int CONNECTIONS = 10_000;

  private static final int AT_ONCE = 50;

  /** Sockets that the JDK opens with the first ones and keeps. */
  private static final int JDKS_OWN = 4;

  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  /** How a registered channel is closed. */
  enum Way {
    BY_THE_SELECTING_THREAD,
    BY_ANOTHER_THREAD,
    CANCELLED_FIRST,
    SELECTOR_FIRST
  }

  /** Which end is a channel. */
  enum Side {
    ACCEPTED,
    CONNECTED
  }

  /** What a descriptor is for. */
  enum Kind {
    SOCKET,
    POLL,
    WAKE_UP
  }

  private final Side side;
  private final Way way;
  private final ServerSocketChannel listener = ServerSocketChannel.open();
  private final ServerSocket plainListener = new ServerSocket(0, AT_ONCE, LOOPBACK);
  private final List<SocketChannel> channels = new ArrayList<>();
  private final List<Closeable> peers = new ArrayList<>();
  private final Map<Kind, Integer> most = new EnumMap<>(Kind.class);
  private Selector selector;

  private DescriptorProgram(Side side, Way way) throws IOException {
    this.side = side;
    this.way = way;
    listener.bind(new InetSocketAddress(LOOPBACK, 0), AT_ONCE);
    listener.configureBlocking(false);
  }

  public static void main(String[] arguments) throws Exception {
    for (Side side : Side.values()) {
      new DescriptorProgram(side, Way.BY_ANOTHER_THREAD).run(1, JDKS_OWN);
    }
    int batches = CONNECTIONS / AT_ONCE / Way.values().length / Side.values().length;
    for (Side side : Side.values()) {
      for (Way way : Way.values()) {
        Map<Kind, Integer> before = descriptors();
        DescriptorProgram program = new DescriptorProgram(side, way);
        program.run(batches, 0);
        print(name(side, way, "open"), before, program.most);
        print(name(side, way, "closed"), before, descriptors());
      }
    }
  }

  /** What a figure is called. */
  static String name(Side side, Way way, String when) {
    return (side + "." + way + "." + when).toLowerCase(Locale.ROOT);
  }

  private static void print(String name, Map<Kind, Integer> before, Map<Kind, Integer> now) {
    for (Kind kind : Kind.values()) {
      int more = now.get(kind) - before.get(kind);
      System.out.println(name + "." + kind.toString().toLowerCase(Locale.ROOT) + "=" + more);
    }
  }

  // -- a way on a side

  private void run(int batches, int staying) throws Exception {
    selector = Selector.open();
    boolean besides = way == Way.BY_ANOTHER_THREAD || way == Way.CANCELLED_FIRST;
    Thread selecting = new Thread(() -> select(selector), "selecting");
    if (besides) {
      selecting.setDaemon(true);
      selecting.start();
    }
    Map<Kind, Integer> idle = descriptors();
    for (int i = 0; i < batches; i++) {
      for (int j = 0; j < AT_ONCE; j++) {
        open();
      }
      if (!besides) {
        selector.selectNow();
      }
      descriptors().forEach((kind, count) -> most.merge(kind, count, Math::max));
      closeAll();
      awaitSockets(idle.get(Kind.SOCKET) + staying);
    }
    selector.close();
    if (besides) {
      selecting.join(TimeUnit.NANOSECONDS.toMillis(WAIT_NANOS));
    }
    listener.close();
    plainListener.close();
  }

  private static void select(Selector selector) {
    try {
      while (selector.isOpen()) {
        selector.select();
        selector.selectedKeys().clear();
      }
    } catch (ClosedSelectorException e) {
      return; // the program goes on to the next way
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void open() throws IOException {
    SocketChannel channel;
    Socket peer;
    if (side == Side.ACCEPTED) {
      peer = new Socket(LOOPBACK, ((InetSocketAddress) listener.getLocalAddress()).getPort());
      channel = accept();
    } else {
      channel = SocketChannel.open(plainListener.getLocalSocketAddress());
      peer = plainListener.accept();
    }
    peer.setSoLinger(true, 0); // so that no port waits for its second life
    peers.add(peer);
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ);
    channels.add(channel);
  }

  private SocketChannel accept() throws IOException {
    long start = System.nanoTime();
    SocketChannel accepted = listener.accept();
    while (accepted == null) {
      if (System.nanoTime() - start > WAIT_NANOS) {
        throw new AssertionError("nobody came");
      }
      Thread.onSpinWait();
      accepted = listener.accept();
    }
    return accepted;
  }

  private void closeAll() throws IOException {
    if (way == Way.SELECTOR_FIRST) {
      selector.close();
    }
    for (SocketChannel channel : channels) {
      if (way == Way.CANCELLED_FIRST) {
        channel.keyFor(selector).cancel();
      }
      channel.close();
    }
    for (Closeable peer : peers) {
      peer.close();
    }
    channels.clear();
    peers.clear();
    switch (way) {
      case BY_THE_SELECTING_THREAD -> selector.selectNow();
      case BY_ANOTHER_THREAD, CANCELLED_FIRST -> selector.wakeup();
      case SELECTOR_FIRST -> selector = Selector.open();
    }
  }

  // -- descriptors

  /** How many there are of each kind; none where there is no /proc. */
  static Map<Kind, Integer> descriptors() throws IOException {
    Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      counts.put(kind, 0);
    }
    Path directory = Path.of("/proc/self/fd");
    if (Files.isDirectory(directory)) {
      Set<String> attached = OpenDescriptors.ofAttachListener();
      try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
        for (Path descriptor : all) {
          Kind kind = kind(descriptor, attached);
          if (kind != null) {
            counts.merge(kind, 1, Integer::sum);
          }
        }
      }
    }
    return counts;
  }

  private static Kind kind(Path descriptor, Set<String> attached) throws IOException {
    String target;
    try {
      target = Files.readSymbolicLink(descriptor).toString();
    } catch (NoSuchFileException e) {
      return null; // closed meanwhile
    }
    if (target.startsWith("socket:")) {
      return attached.contains(target) ? null : Kind.SOCKET;
    }
    return switch (target) {
      case "anon_inode:[eventpoll]" -> Kind.POLL;
      case "anon_inode:[eventfd]" -> Kind.WAKE_UP;
      default -> null;
    };
  }

  private static void awaitSockets(int count) throws IOException {
    long start = System.nanoTime();
    int now = descriptors().get(Kind.SOCKET);
    while (now > count) {
      if (System.nanoTime() - start > WAIT_NANOS) {
        throw new AssertionError(now + " sockets instead of " + count);
      }
      Thread.onSpinWait();
      now = descriptors().get(Kind.SOCKET);
    }
  }
}
