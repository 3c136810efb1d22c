package io.nioring;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.platform.ChildJvm;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a connection that does nothing takes of the heap: the objects themselves are counted. */
final class IdleHeapTest {
  /** For both ends, each with a key: 989 on JDK 17, and 1,021 on 25, whose own channels grew. */
  private static final int MOST_BYTES = Runtime.version().feature() == 17 ? 1_000 : 1_040;

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"ring", "hybrid"})
  void anIdleConnectionWithTwoKeysTakesAboutAKilobyte(String mode) throws Exception {
    List<String> lines =
        ChildJvm.run(
            directory,
            Connections.class,
            "-XX:+UseSerialGC",
            "-Djava.nio.channels.spi.SelectorProvider=io.nioring.RingSelectorProvider",
            "-Dnioring.mode=" + mode);
    assertThat(Integer.parseInt(lines.get(lines.size() - 1))).isBetween(1, MOST_BYTES);
  }

  /** Prints the bytes of one connection. */
  static final class Connections {
    private static final int COUNT = 20_000;

    private final SocketChannel[] channels = new SocketChannel[2 * COUNT];

    public static void main(String[] args) throws IOException, JMException {
      new Connections().print();
    }

    private void print() throws IOException, JMException {
      try (Selector selector = Selector.open();
          ServerSocketChannel server = ServerSocketChannel.open()) {
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        SocketAddress address = server.getLocalAddress();
        connect(address, selector).close(); // loads the classes
        server.accept().close();
        selector.selectNow();
        long before = liveBytes();
        for (int i = 0; i < channels.length; i += 2) {
          channels[i] = connect(address, selector);
          channels[i + 1] = register(server.accept(), selector);
        }
        selector.selectNow();
        System.out.println((liveBytes() - before) / COUNT);
      } finally {
        for (SocketChannel channel : channels) {
          channel.close();
        }
      }
    }

    private static SocketChannel connect(SocketAddress address, Selector selector)
        throws IOException {
      return register(SocketChannel.open(address), selector);
    }

    private static SocketChannel register(SocketChannel channel, Selector selector)
        throws IOException {
      channel.configureBlocking(false).register(selector, SelectionKey.OP_READ);
      return channel;
    }

    private static long liveBytes() throws JMException {
      String histogram =
          (String)
              ManagementFactory.getPlatformMBeanServer()
                  .invoke(
                      new ObjectName("com.sun.management:type=DiagnosticCommand"),
                      "gcClassHistogram",
                      new Object[] {new String[0]},
                      new String[] {String[].class.getName()});
      return histogram
          .lines()
          .map(line -> line.strip().split("\\s+", -1))
          .filter(words -> words[0].endsWith(":"))
          .filter(words -> !words[3].equals("[B")) // the texts of the histograms themselves
          .mapToLong(words -> Long.parseLong(words[2]))
          .sum();
    }
  }
}
