package io.nioring.consumer.simulation;

import io.nioring.simulation.RingHost;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A server that takes orders by HTTP/1.1, one request a connection. An order that bears a key is
 * taken once.
 */
final class Shop implements AutoCloseable {
  private static final String KEY = "idempotency-key: ";
  private static final String NO_KEY = "none";
  private static final int PORT = 80;

  private final RingHost host;
  private final ServerSocketChannel server;
  private final List<String> orders = new CopyOnWriteArrayList<>();

  Shop(RingHost host) throws IOException {
    this.host = host;
    this.server = host.provider().openServerSocketChannel().bind(new InetSocketAddress(PORT));
    host.executor().execute(this::accept);
  }

  /** The keys of the orders that were taken; "none" for one without. */
  List<String> orders() {
    return orders;
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel accepted = server.accept();
        host.executor().execute(() -> serve(accepted));
      }
    } catch (AsynchronousCloseException e) {
      // The test has ended.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serve(SocketChannel accepted) {
    try (accepted) {
      BufferedReader request =
          new BufferedReader(
              new InputStreamReader(
                  accepted.socket().getInputStream(), StandardCharsets.ISO_8859_1));
      String key = NO_KEY;
      for (String line = request.readLine();
          line != null && !line.isEmpty();
          line = request.readLine()) {
        if (line.toLowerCase(Locale.ROOT).startsWith(KEY)) {
          key = line.substring(KEY.length());
        }
      }
      take(key);
      accepted
          .socket()
          .getOutputStream()
          .write(
              "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
                  .getBytes(StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      // The client went: its order counts nevertheless.
    }
  }

  private synchronized void take(String key) {
    if (key.equals(NO_KEY) || !orders.contains(key)) {
      orders.add(key);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
