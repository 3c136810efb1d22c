package io.nioring.hybrid;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Locale.ROOT;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.Map;

/** As much of HTTP as a test wants, over a blocking channel: messages that tell their length. */
final class HttpConnection {
  private final SocketChannel channel;
  private final ByteBuffer in = ByteBuffer.allocate(16 * 1024).limit(0);

  HttpConnection(SocketChannel channel) {
    this.channel = channel;
  }

  /** A message; the names of its headers are in lower case. */
  static final class Message {
    private final String startLine;
    private final Map<String, String> headers;
    private final byte[] body;

    private Message(String startLine, Map<String, String> headers, byte[] body) {
      this.startLine = startLine;
      this.headers = headers;
      this.body = body;
    }

    String startLine() {
      return startLine;
    }

    /** What a request asks for. */
    String path() {
      int start = startLine.indexOf(' ') + 1;
      return startLine.substring(start, startLine.indexOf(' ', start));
    }

    String header(String name) {
      return headers.get(name);
    }

    byte[] body() {
      return body;
    }
  }

  /** The next message; null at the end. */
  Message receive() throws IOException {
    if (!in.hasRemaining() && !fill()) {
      return null;
    }
    String startLine = line();
    Map<String, String> headers = new HashMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(line.substring(0, colon).toLowerCase(ROOT), line.substring(colon + 1).strip());
    }
    byte[] body = new byte[Integer.parseInt(headers.getOrDefault("content-length", "0"))];
    for (int at = 0; at < body.length; ) {
      ensureSome();
      int count = Math.min(in.remaining(), body.length - at);
      in.get(body, at, count);
      at += count;
    }
    return new Message(startLine, headers, body);
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (true) {
      ensureSome();
      byte next = in.get();
      if (next == '\n') {
        return line.toString(ISO_8859_1).strip();
      }
      line.write(next);
    }
  }

  private void ensureSome() throws IOException {
    if (!in.hasRemaining() && !fill()) {
      throw new EOFException("in the middle of a message");
    }
  }

  private boolean fill() throws IOException {
    in.clear();
    int count = channel.read(in);
    in.flip();
    return count > 0;
  }

  /** Sends a message and adds its length. */
  void send(String startLine, Map<String, String> headers, byte[] body) throws IOException {
    StringBuilder head = new StringBuilder(startLine).append("\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    head.append("content-length: ").append(body.length).append("\r\n\r\n");
    ByteBuffer[] message = {
      ByteBuffer.wrap(head.toString().getBytes(ISO_8859_1)), ByteBuffer.wrap(body)
    };
    while (message[0].hasRemaining() || message[1].hasRemaining()) {
      channel.write(message);
    }
  }
}
