package io.nioring;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.core.SocketSnapshot;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables that are larger than one array, and rows of all kinds among one another. */
@Timeout(180)
class SocketRowsTest {
  private static final InetSocketAddress SERVER = new InetSocketAddress("127.0.0.1", 5432);

  private static SocketSnapshot row(long connection, boolean client) {
    SocketSnapshot row = new SocketSnapshot();
    row.connection = connection;
    row.client = client;
    row.state = SocketSnapshot.State.ESTAB;
    return row;
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1L << 40, Long.MAX_VALUE >> 2})
  void rowsAreSortedByConnectionsHoweverMany(long before) {
    SocketRows rows = new SocketRows(3);
    for (int i = 50_000; i > 0; i--) {
      assertThat(rows.add(row(before + i, i % 3 == 0))).isFalse();
      assertThat(rows.add(row(before + i, i % 3 != 0))).isFalse();
    }
    rows.sort();
    assertThat(rows).hasSize(100_000);
    for (int i = 0; i < 100_000; i++) {
      SocketEntry row = rows.get(i);
      assertThat(row.connection()).isEqualTo(before + 1 + i / 2);
      assertThat(row.end()).isEqualTo(i % 2 == 0 ? "client" : "server");
    }
  }

  @Test
  void figuresOfEachConnectionAreItsOwn() throws Exception {
    int count = 40;
    try (RingNetwork network = RingNetwork.open()) {
      ServerSocketChannel listener = network.provider().openServerSocketChannel().bind(SERVER, 50);
      List<SocketChannel> clients = new ArrayList<>();
      List<SocketChannel> servers = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        clients.add(network.provider().openSocketChannel());
        clients.get(i).connect(SERVER);
        clients.get(i).write(ByteBuffer.allocate(100 + i));
        if (i % 4 != 3) {
          servers.add(listener.accept());
          servers.get(servers.size() - 1).read(ByteBuffer.allocate(i));
        } else {
          servers.add(null);
          clients.get(i).setOption(StandardSocketOptions.TCP_NODELAY, true);
          listener.accept().close(); // and again below, so that some wait in the backlog
          clients.get(i).close();
          clients.set(i, network.provider().openSocketChannel());
        }
      }
      SocketChannel late = network.provider().openSocketChannel();
      late.connect(SERVER);
      late.setOption(StandardSocketOptions.TCP_NODELAY, true);

      List<SocketEntry> rows = network.sockets();

      List<SocketEntry> near = rows.stream().filter(row -> row.end().equals("client")).toList();
      List<SocketEntry> far = rows.stream().filter(row -> row.end().equals("server")).toList();
      assertThat(near).hasSize(31);
      assertThat(far).hasSize(31);
      int at = 0;
      for (int i = 0; i < count; i++) {
        if (i % 4 != 3) {
          assertThat(near.get(at).localAddress()).contains(clients.get(i).getLocalAddress());
          assertThat(near.get(at).bytesSent()).isEqualTo(100 + i);
          assertThat(near.get(at).sendQueue()).isEqualTo(100);
          assertThat(near.get(at).options()).isEmpty();
          assertThat(far.get(at).remoteAddress()).contains(clients.get(i).getLocalAddress());
          assertThat(far.get(at).bytesReceived()).isEqualTo(i);
          assertThat(far.get(at).receiveQueue()).isEqualTo(100);
          assertThat(far.get(at).memoryBytes()).isZero();
          assertThat(near.get(at).memoryBytes()).isPositive();
          at++;
        }
      }
      assertThat(near.get(30).options()).isEqualTo(Map.of("TCP_NODELAY", true));
      assertThat(far.get(30).age()).isEmpty(); // in the backlog
      assertThat(rows.stream().filter(row -> row.end().equals("none"))).hasSize(10);
    }
  }

  @Test
  void addressOfARowIsNotKeptForTheChannel() throws Exception {
    try (RingNetwork network = RingNetwork.open()) {
      ServerSocketChannel listener = network.provider().openServerSocketChannel().bind(SERVER);
      SocketChannel client = network.provider().openSocketChannel();
      client.connect(SERVER);
      SocketChannel server = listener.accept();
      SocketEntry row = network.sockets().get(network.sockets().size() - 1);

      InetSocketAddress shown = (InetSocketAddress) row.remoteAddress().orElseThrow();
      shown.getHostName(); // which the address keeps

      assertThat(row.family()).isEqualTo("inet");
      assertThat(server.getRemoteAddress()).isEqualTo(shown).isNotSameAs(shown);
      assertThat(server.getRemoteAddress().toString()).startsWith("/127.0.0.1:");
    }
  }
}
