package io.nioring;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.platform.ChildJvm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * That streams and selectors initialize no class once there is a network: an initializer that finds
 * no memory would be the end of the class.
 */
class FirstUsesTest {
  private static final String MARK = "a network is there";
  private static final String END = "all is done";
  private static final Pattern INITIALIZING = Pattern.compile("Initializing 'io/nioring/(?!First)");

  @TempDir private Path directory;

  @Test
  void noClassIsInitializedByAStream() throws Exception {
    List<String> lines =
        ChildJvm.run(directory, Exchange.class, "-Xlog:class+init=info:stdout", "-Xshare:auto");
    assertThat(lines).contains(MARK);
    assertThat(lines.subList(lines.indexOf(MARK), lines.indexOf(END)))
        .filteredOn(line -> INITIALIZING.matcher(line).find())
        .filteredOn(line -> !line.contains("(no method)"))
        .isEmpty();
  }

  /** What streams and selectors do first, over IP and Unix addresses. */
  static final class Exchange {
    private Exchange() {}

    public static void main(String[] args) throws Exception {
      try (RingNetwork network = RingNetwork.open()) {
        System.out.println(MARK);
        exchange(network, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        exchange(network, UnixDomainSocketAddress.of("first-uses.sock"));
        System.out.println(END);
      }
    }

    private static void exchange(RingNetwork network, SocketAddress address) throws Exception {
      SelectorProvider provider = network.provider();
      ProtocolFamily family =
          address instanceof InetSocketAddress
              ? StandardProtocolFamily.INET
              : StandardProtocolFamily.UNIX;
      try (ServerSocketChannel listener = provider.openServerSocketChannel(family);
          SocketChannel client = provider.openSocketChannel(family);
          Selector selector = provider.openSelector()) {
        listener.bind(address);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
        selector.select(1);
        client.connect(listener.getLocalAddress());
        selector.select();
        selector.selectedKeys().clear();
        selector.wakeup();
        try (SocketChannel server = listener.accept()) {
          Thread later = writeLater(client);
          server.read(ByteBuffer.allocate(1));
          later.join();
          client.shutdownOutput();
          server.read(ByteBuffer.allocate(1));
        }
      }
    }

    private static Thread writeLater(SocketChannel client) {
      Thread writer =
          new Thread(
              () -> {
                try {
                  Thread.sleep(20);
                  client.write(ByteBuffer.allocate(1));
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      writer.start();
      return writer;
    }
  }
}
