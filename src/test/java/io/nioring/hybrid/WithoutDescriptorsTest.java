package io.nioring.hybrid;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.SocketPair;
import io.nioring.internal.platform.ChildJvm;
import io.nioring.route.Mode;
import io.nioring.socket.RingSocket;
import java.io.Closeable;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What fails while a process has no descriptors fails with a declared exception and has changed
 * nothing: afterwards it works.
 */
@SuppressWarnings("try") // all descriptors are taken, and not used
class WithoutDescriptorsTest {
  private static final int MIB = 1 << 20;

  @TempDir Path directory;

  private List<String> run(Class<?> main, String... flags) throws Exception {
    return ChildJvm.command(main)
        .classPath(ChildJvm.classPathOfJars(directory))
        .shell("ulimit -n 100; exec \"$@\"")
        .flags("-Xmx64m")
        .flags(flags)
        .run(directory, 150)
        .stream()
        .filter(line -> !line.startsWith("SLF4J"))
        .toList();
  }

  /** Takes all descriptors that there are. */
  private static final class AllDescriptors implements Closeable {
    private final Deque<FileInputStream> taken = new ArrayDeque<>(200);

    AllDescriptors() {
      try {
        while (true) {
          taken.add(new FileInputStream("/dev/null"));
        }
      } catch (IOException e) {
        return; // that was all
      }
    }

    @Override
    public void close() throws IOException {
      for (FileInputStream one : taken) {
        one.close();
      }
    }
  }

  private static String outcome(Callable<?> operation) {
    try {
      operation.call();
      return "done";
    } catch (IOException e) {
      return "IOException";
    } catch (Exception e) {
      return e.getClass().getSimpleName();
    }
  }

  @Test
  void registeredChannelsAreBoundAndAcceptLater() throws Exception {
    assertThat(run(Registering.class))
        .containsExactly(
            "register: done",
            "bind: IOException",
            "bound: null",
            "bind later: done",
            "selected: 1",
            "guard: IllegalSelectorException",
            "guard later: done",
            "selected: 1");
  }

  /** Registers and binds in hybrid mode. */
  static final class Registering {
    private Registering() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws Exception {
      RingNetworkConfig config = RingNetworkConfig.builder().mode(Mode.HYBRID).build();
      try (RingNetwork network = RingNetwork.open(config);
          Selector selector = network.provider().openSelector();
          ServerSocketChannel server = network.provider().openServerSocketChannel();
          Socket outside = new Socket()) {
        outside.setReuseAddress(true); // makes its descriptor
        server.configureBlocking(false);
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (AllDescriptors taken = new AllDescriptors()) {
          System.out.println(
              "register: " + outcome(() -> server.register(selector, SelectionKey.OP_ACCEPT)));
          System.out.println("bind: " + outcome(() -> server.bind(any)));
          System.out.println("bound: " + server.getLocalAddress());
        }
        System.out.println("bind later: " + outcome(() -> server.bind(any)));
        outside.connect(server.getLocalAddress());
        System.out.println("selected: " + selector.select(10_000));
        selector.selectedKeys().clear();
        registerAccepted(selector, server.accept(), outside);
      }
    }

    /** A channel of the platform's, which needs a second selector inside. */
    @SuppressWarnings("SystemOut")
    private static void registerAccepted(Selector selector, SocketChannel accepted, Socket outside)
        throws IOException {
      try (SocketChannel channel = accepted) {
        channel.configureBlocking(false);
        try (AllDescriptors taken = new AllDescriptors()) {
          System.out.println(
              "guard: " + outcome(() -> channel.register(selector, SelectionKey.OP_READ)));
        }
        System.out.println(
            "guard later: " + outcome(() -> channel.register(selector, SelectionKey.OP_READ)));
        outside.getOutputStream().write(1);
        System.out.println("selected: " + selector.select(10_000));
      }
    }
  }

  /** Neither the first question for credentials nor the first write spoils later ones. */
  @Test
  void whatIsAskedForFirstIsAskedForAgain() throws Exception {
    Object uid = Files.getAttribute(directory, "unix:uid");
    List<String> lines = run(FirstUses.class);
    assertThat(lines).contains("uid later: " + uid, "written later: 5", "files: done");
    assertThat(lines.get(0)).isIn("uid: " + uid, "uid: -1"); // as far as it can be known then
  }

  /** Uses what is initialized late, first without descriptors. */
  static final class FirstUses {
    private FirstUses() {}

    private static long countFiles() throws IOException {
      try (Stream<Path> files = Files.list(Path.of("/proc/self"))) {
        return files.count();
      }
    }

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws Exception {
      try (RingNetwork network = RingNetwork.open()) {
        SocketPair pair = network.socketPair();
        RingSocket end = RingSocket.of(pair.first());
        long begun = System.nanoTime();
        try (AllDescriptors taken = new AllDescriptors()) {
          System.out.println("uid: " + uidOrNot(end));
          System.out.println("written: " + outcome(() -> write(pair.first())));
        }
        System.out.println("uid later: " + uidOrNot(end));
        pair.second().configureBlocking(false);
        pair.second().read(ByteBuffer.allocate(MIB));
        System.out.println("written later: " + write(pair.first()));
        System.out.println("files: " + outcome(FirstUses::countFiles));
        System.out.println("seconds: " + (System.nanoTime() - begun) / 1_000_000_000L);
      }
    }

    private static Object uidOrNot(RingSocket end) {
      try {
        return end.peerCredentials().uid();
      } catch (IOException e) {
        return "IOException";
      }
    }

    private static int write(SocketChannel channel) throws IOException {
      return channel.write(ByteBuffer.allocate(5));
    }
  }
}
