package io.nioring;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.platform.ChildJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the JVM loads for a program's first bytes, each class of which the program waits for. Counts
 * rather than times: these are the machine's.
 */
final class FirstBytesTest {
  private static final String MARK = "first bytes";

  /** Those of a server and a client with a selector each; a few more than there are. */
  private static final int MOST_CLASSES = 184;

  /** Beside those that the platform's sockets need: what a handle on a field is linked with. */
  private static final int MOST_CLASSES_OF_INVOKE = 12;

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"ring", "hybrid"})
  void theFirstBytesTakeFewClasses(String mode) throws Exception {
    assertThat(ours(run(Exchange.class, mode))).hasSizeLessThanOrEqualTo(MOST_CLASSES);
  }

  /** The first lambda of a class takes a millisecond or more; a named class a third of one. */
  @ParameterizedTest
  @ValueSource(strings = {"ring", "hybrid"})
  void theFirstBytesTakeNoLambda(String mode) throws Exception {
    assertThat(run(Exchange.class, mode)).noneMatch(FirstBytesTest::isLambdaOfOurs);
    assertThat(run(BlockingExchange.class, mode)).noneMatch(FirstBytesTest::isLambdaOfOurs);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ring", "hybrid"})
  void hardlyAnyClassOfMethodHandlesIsLoadedForThem(String mode) throws Exception {
    long without = ofInvoke(run(Exchange.class, "kernel")).size();
    assertThat(ofInvoke(run(Exchange.class, mode)).size() - without)
        .isLessThanOrEqualTo(MOST_CLASSES_OF_INVOKE);
  }

  /** Netty, JMX and what other parts of the library are made of come when they are asked for. */
  @Test
  void whatIsNotAskedForIsNotLoaded() throws Exception {
    assertThat(run(Exchange.class, "ring"))
        .noneMatch(
            line ->
                Stream.of(
                        " io.netty.",
                        " java.lang.management.",
                        " java.util.regex.",
                        " io.nioring.observe.",
                        " io.nioring.simulation.",
                        " io.nioring.internal.async.",
                        " io.nioring.internal.net.",
                        " io.nioring.internal.datagram.")
                    .anyMatch(line::contains));
  }

  /** The names of the classes that were loaded until the first bytes were back. */
  private List<String> run(Class<?> main, String mode) throws Exception {
    List<String> lines =
        ChildJvm.run(
            directory,
            main,
            "-Xlog:class+load:stdout",
            "-Xshare:auto",
            "-Djava.nio.channels.spi.SelectorProvider=io.nioring.RingSelectorProvider",
            "-Dnioring.mode=" + mode);
    assertThat(lines).contains(MARK);
    return lines.subList(0, lines.indexOf(MARK));
  }

  private static List<String> ours(List<String> lines) {
    return lines.stream()
        .filter(line -> line.contains(" io.nioring.") && !line.contains("FirstBytesTest"))
        .toList();
  }

  private static List<String> ofInvoke(List<String> lines) {
    return lines.stream()
        .filter(line -> line.contains(" java.lang.invoke.") && !line.contains("shared objects"))
        .toList();
  }

  private static boolean isLambdaOfOurs(String line) {
    return line.contains(" io.nioring.") && line.contains("$$Lambda");
  }

  /** A server and a client with a selector each, on one thread. */
  static final class Exchange {
    private Exchange() {}

    public static void main(String[] args) throws IOException {
      try (ServerSocketChannel listener = ServerSocketChannel.open();
          Selector selector = Selector.open()) {
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
        SocketChannel client = SocketChannel.open(listener.getLocalAddress());
        selector.select();
        SocketChannel server = listener.accept();
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_READ);
        client.write(ByteBuffer.allocate(1));
        selector.selectedKeys().clear();
        selector.select();
        server.read(ByteBuffer.allocate(1));
        System.out.println(MARK);
        client.close();
        server.close();
      }
    }
  }

  /** The same without selectors, where a thread waits for the other one. */
  static final class BlockingExchange {
    private BlockingExchange() {}

    public static void main(String[] args) throws Exception {
      try (ServerSocketChannel listener = ServerSocketChannel.open()) {
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Thread writer =
            new Thread() {
              @Override
              public void run() {
                try (SocketChannel client = SocketChannel.open(listener.getLocalAddress())) {
                  client.write(ByteBuffer.allocate(1));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              }
            };
        writer.start();
        try (SocketChannel server = listener.accept()) {
          server.read(ByteBuffer.allocate(1));
          System.out.println(MARK);
        }
        writer.join();
      }
    }
  }
}
