import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;

/**
 * The program of the pictures in the guide, until it is ended: workers send orders to a database
 * that reads slowly, and others ask a cache that is quick; {@code java Orders.java}.
 */
public final class Orders {
  private static final List<String> DATABASES = List.of("10.0.0.7", "10.0.0.8");

  private Orders() {}

  public static void main(String[] args) throws IOException {
    for (String each : DATABASES) {
      ServerSocketChannel listener =
          ServerSocketChannel.open().bind(new InetSocketAddress(each, 5432));
      start("database-" + each, () -> serveSlowly(listener));
    }
    ServerSocketChannel cache =
        ServerSocketChannel.open().bind(new InetSocketAddress("10.0.0.9", 6379));
    start("cache-loop", () -> echo(cache));
    for (int i = 0; i < 4; i++) {
      String database = DATABASES.get(i % DATABASES.size());
      start("order-worker-" + i, () -> send(database));
      start("cache-client-" + i, Orders::ask);
    }
  }

  /** What a thread does until its connection fails. */
  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private static void start(String name, Work work) {
    new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException | InterruptedException e) {
                System.err.println(name + ": " + e);
              }
            },
            name)
        .start();
  }

  /** Each connection has a thread, which reads 200 KB and then does something else for 30 ms. */
  private static void serveSlowly(ServerSocketChannel listener) throws IOException {
    for (int i = 0; ; i++) {
      SocketChannel client = listener.accept();
      start(
          Thread.currentThread().getName() + "-" + i,
          () -> {
            ByteBuffer bytes = ByteBuffer.allocate(200_000);
            while (client.read(bytes.clear()) >= 0) {
              Thread.sleep(30);
            }
          });
    }
  }

  private static void send(String database) throws IOException {
    SocketChannel channel = SocketChannel.open(new InetSocketAddress(database, 5432));
    ByteBuffer orders = ByteBuffer.allocate(600_000);
    while (true) {
      channel.write(orders.clear());
    }
  }

  private static void ask() throws IOException, InterruptedException {
    SocketChannel channel = SocketChannel.open(new InetSocketAddress("10.0.0.9", 6379));
    ByteBuffer question = ByteBuffer.allocate(64);
    while (true) {
      channel.write(question.clear());
      channel.read(question.clear());
      Thread.sleep(1);
    }
  }

  private static void echo(ServerSocketChannel listener) throws IOException {
    Selector selector = Selector.open();
    listener.configureBlocking(false).register(selector, SelectionKey.OP_ACCEPT);
    ByteBuffer bytes = ByteBuffer.allocate(4096);
    while (true) {
      selector.select();
      for (SelectionKey key : selector.selectedKeys()) {
        if (key.isAcceptable()) {
          listener.accept().configureBlocking(false).register(selector, SelectionKey.OP_READ);
        } else {
          SocketChannel client = (SocketChannel) key.channel();
          client.read(bytes.clear());
          client.write(bytes.flip());
        }
      }
      selector.selectedKeys().clear();
    }
  }
}
