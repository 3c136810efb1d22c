package io.nioring.hybrid;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** An HTTP server at a Unix path, with blocking channels; it sends bodies back. */
final class UnixHttpEcho implements AutoCloseable {
  private static final long WAIT_SECONDS = 60;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final ServerSocketChannel listener;
  private final Served served;

  UnixHttpEcho(Path path, Served served) throws IOException {
    this.served = served;
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(path));
    threads.execute(this::acceptAll);
  }

  /** The address that it listens at. */
  SocketAddress address() throws IOException {
    return listener.getLocalAddress();
  }

  /** What fails here is told on standard error, which is read. */
  private void acceptAll() {
    try {
      while (true) {
        SocketChannel accepted = listener.accept();
        threads.execute(() -> answerAll(accepted));
      }
    } catch (ClosedChannelException e) {
      return; // the server ends
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void answerAll(SocketChannel channel) {
    try (channel) {
      HttpConnection connection = new HttpConnection(channel);
      for (HttpConnection.Message request = connection.receive();
          request != null;
          request = connection.receive()) {
        byte[] answer =
            served.answer(
                request.path(),
                request.header("place"),
                connection,
                request.header("checksum"),
                request.body());
        connection.send("HTTP/1.1 200 OK", Map.of(), answer);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The clients have closed their ends: who answers them may still be about to see that. */
  @Override
  public void close() throws IOException {
    listener.close();
    threads.shutdown();
    try {
      if (!threads.awaitTermination(WAIT_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("a client has not closed its end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while clients are served", e);
    }
  }
}
