package io.nioring.consumer.nio2;

import io.nioring.consumer.Loopback;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Date;
import java.util.List;
import org.bson.BsonDocument;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.codecs.BsonDocumentCodec;
import org.bson.codecs.DocumentCodec;

/** As much of MongoDB as a driver asks for that inserts documents and finds the latest again. */
final class FakeMongo implements Closeable {
  private static final int OP_REPLY = 1;
  private static final int OP_QUERY = 2004;
  private static final int OP_MSG = 2013;
  private static final int HEADER_BYTES = 16;
  private static final DocumentCodec CODEC = new DocumentCodec();

  private final ServerSocketChannel server = ServerSocketChannel.open();
  private volatile RawBsonDocument latest;

  FakeMongo() throws IOException {
    server.bind(new InetSocketAddress(Loopback.address(), 0));
    start(this::accept);
  }

  int port() {
    return server.socket().getLocalPort();
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "fake-mongo");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel channel = server.accept();
        start(() -> serve(channel));
      }
    } catch (IOException e) {
      return; // closed by the test
    }
  }

  private void serve(SocketChannel channel) {
    try (channel) {
      while (true) {
        ByteBuffer header = read(channel, HEADER_BYTES);
        int size = header.getInt();
        int request = header.getInt();
        header.getInt();
        int operation = header.getInt();
        ByteBuffer body = read(channel, size - HEADER_BYTES);
        write(channel, request, operation, answer(operation, body));
      }
    } catch (IOException e) {
      return; // the client has left
    }
  }

  private Document answer(int operation, ByteBuffer body) throws IOException {
    if (operation == OP_QUERY) {
      return hello();
    }
    body.getInt(); // flags
    String command = null;
    while (body.hasRemaining()) {
      byte kind = body.get();
      if (kind == 0) {
        RawBsonDocument section = document(body);
        command = section.getFirstKey();
        if (command.equals("insert") && section.containsKey("documents")) {
          latest = raw(section.getArray("documents").get(0).asDocument());
        }
      } else {
        int end = body.position() + body.getInt();
        while (body.get() != 0) {
          // the name of the sequence
        }
        latest = document(body);
        body.position(end);
      }
    }
    return switch (command) {
      case "hello", "isMaster", "ismaster" -> hello();
      case "insert" -> new Document("ok", 1).append("n", 1);
      case "find" ->
          new Document("ok", 1)
              .append(
                  "cursor",
                  new Document("id", 0L)
                      .append("ns", "test.things")
                      .append("firstBatch", List.of(latest.decode(CODEC))));
      default -> new Document("ok", 1);
    };
  }

  private static Document hello() {
    return new Document("ok", 1)
        .append("ismaster", true)
        .append("isWritablePrimary", true)
        .append("helloOk", true)
        .append("maxBsonObjectSize", 16 * 1024 * 1024)
        .append("maxMessageSizeBytes", 48_000_000)
        .append("maxWriteBatchSize", 100_000)
        .append("localTime", new Date())
        .append("minWireVersion", 0)
        .append("maxWireVersion", 21)
        .append("readOnly", false);
  }

  private static RawBsonDocument raw(BsonDocument document) {
    return new RawBsonDocument(document, new BsonDocumentCodec());
  }

  private static RawBsonDocument document(ByteBuffer body) {
    byte[] bytes = new byte[body.getInt(body.position())];
    body.get(bytes);
    return new RawBsonDocument(bytes);
  }

  private static void write(SocketChannel channel, int request, int operation, Document answer)
      throws IOException {
    ByteBuffer document = new RawBsonDocument(answer, CODEC).getByteBuffer().asNIO();
    boolean isReply = operation == OP_QUERY;
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES + (isReply ? 20 : 5));
    header.order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(header.capacity() + document.remaining()).putInt(0).putInt(request);
    if (isReply) {
      header.putInt(OP_REPLY).putInt(0).putLong(0).putInt(0).putInt(1);
    } else {
      header.putInt(OP_MSG).putInt(0).put((byte) 0);
    }
    header.flip();
    ByteBuffer[] message = {header, document};
    while (document.hasRemaining()) {
      channel.write(message);
    }
  }

  private static ByteBuffer read(SocketChannel channel, int size) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException();
      }
    }
    return buffer.flip();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
