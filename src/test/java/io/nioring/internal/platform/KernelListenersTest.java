package io.nioring.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("AddressSelection") // literals, not names
class KernelListenersTest {
  private static final String HEADING = "  sl  local_address rem_address   st tx_queue rx_queue tr";

  @TempDir private Path tables;

  private KernelListeners of(List<String> tcp, List<String> tcp6) throws IOException {
    Files.write(tables.resolve("tcp"), tcp);
    Files.write(tables.resolve("tcp6"), tcp6);
    return new KernelListeners(tables);
  }

  private static InetSocketAddress at(String ip, int port) {
    return new InetSocketAddress(ip, port);
  }

  /** The platform's channels are IPv6 sockets where there is IPv6. */
  @Test
  void findsTheListenersOfThisMachine() throws IOException {
    try (ServerSocketChannel server =
        PlatformProvider.lazy().get().openServerSocketChannel().bind(at("127.0.0.1", 0))) {
      int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
      KernelListeners listeners = new KernelListeners();

      assertThat(listeners.bestRank(at("127.0.0.1", port)))
          .isGreaterThanOrEqualTo(KernelListeners.rank(true, false));
      assertThat(listeners.bestRank(at("127.0.0.2", port))).isZero();
    }
  }

  @Test
  void addressTakesPrecedenceOverWildcardAndOwnFamilyOverTheOther() throws IOException {
    KernelListeners both =
        of(
            List.of(HEADING, "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000"),
            List.of(HEADING, "   0: " + "0".repeat(32) + ":1F90 " + "0".repeat(32) + ":0000 0A 0"));

    assertThat(both.bestRank(at("127.0.0.1", 8080))).isEqualTo(KernelListeners.rank(false, true));
    assertThat(both.bestRank(at("::1", 8080))).isEqualTo(KernelListeners.rank(false, true));
    assertThat(both.bestRank(at("127.0.0.1", 8081))).isZero();
    assertThat(KernelListeners.rank(true, false)).isGreaterThan(KernelListeners.rank(false, true));
  }

  @Test
  void connectionsBehindTheListenersAreNotRead() throws IOException {
    KernelListeners none =
        of(
            List.of(
                HEADING,
                "   0: 00000000:0050 00000000:0000 0A 00000000:00000000",
                "   1: 00000000:1F90 00000000:0051 01 00000000:00000000",
                "   2: 00000000:1F90 00000000:0000 0A 00000000:00000000"),
            List.of(HEADING));

    assertThat(none.bestRank(at("127.0.0.1", 8080))).isZero();
  }

  @Test
  void nothingListensWhereThereAreNoTables() {
    assertThat(new KernelListeners(tables).bestRank(at("127.0.0.1", 8080))).isZero();
  }
}
