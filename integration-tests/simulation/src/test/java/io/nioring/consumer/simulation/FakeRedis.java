package io.nioring.consumer.simulation;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.nioring.simulation.RingHost;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A server that knows SET, GET and INCR of Redis, and says OK to the rest. */
final class FakeRedis implements AutoCloseable {
  private final RingHost host;
  private final ServerSocketChannel server;
  private final Map<String, String> values;

  /**
   * Starts one.
   *
   * @param values what it keeps, which outlives it
   */
  FakeRedis(RingHost host, int port, Map<String, String> values) throws IOException {
    this.host = host;
    this.values = values;
    this.server = host.listen(port);
    host.executor().execute(this::accept);
  }

  static Map<String, String> values() {
    return new ConcurrentHashMap<>();
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel accepted = server.accept();
        host.executor().execute(() -> serve(accepted));
      }
    } catch (IOException e) {
      // It is closed, or its host is gone.
    }
  }

  private void serve(SocketChannel accepted) {
    try (accepted) {
      DataInputStream in =
          new DataInputStream(new BufferedInputStream(accepted.socket().getInputStream()));
      OutputStream out = accepted.socket().getOutputStream();
      while (true) {
        out.write(answer(command(in)).getBytes(US_ASCII));
      }
    } catch (IOException e) {
      // The client is gone.
    }
  }

  private static List<String> command(DataInputStream in) throws IOException {
    List<String> words = new ArrayList<>();
    for (int left = length(in); left > 0; left--) {
      words.add(new String(in.readNBytes(length(in)), US_ASCII));
      in.skipNBytes(2);
    }
    return words;
  }

  /** The number behind the letter that begins a line. */
  private static int length(DataInputStream in) throws IOException {
    in.readByte();
    StringBuilder digits = new StringBuilder();
    for (byte next = in.readByte(); next != '\r'; next = in.readByte()) {
      digits.append((char) next);
    }
    in.readByte();
    return Integer.parseInt(digits.toString());
  }

  private String answer(List<String> command) {
    switch (command.get(0)) {
      case "GET" -> {
        String value = values.get(command.get(1));
        return value == null ? "$-1\r\n" : "$" + value.length() + "\r\n" + value + "\r\n";
      }
      case "SET" -> values.put(command.get(1), command.get(2));
      case "INCR" -> {
        return ":"
            + values.merge(command.get(1), "1", (a, b) -> "" + (Integer.parseInt(a) + 1))
            + "\r\n";
      }
      default -> {}
    }
    return "+OK\r\n";
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
