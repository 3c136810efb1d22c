package io.nioring.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Closeable;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** An end of a connection, of whatever kind, whose operations wait until they are done. */
interface SocketEnd extends Closeable {
  /** As {@link SocketChannel#read}. */
  int read(ByteBuffer into) throws Exception;

  /** Writes all. */
  void write(ByteBuffer bytes) throws Exception;

  /** Ends the output. */
  void finish() throws IOException;

  /** Reads up to so many bytes; how many there were, -1 at the end. */
  default int read(int most) throws Exception {
    return read(ByteBuffer.allocate(most));
  }

  /** Writes so many bytes. */
  default void write(int count) throws Exception {
    write(ByteBuffer.allocate(count));
  }

  /** A channel that blocks. */
  record OfChannel(SocketChannel channel) implements SocketEnd {
    @Override
    public int read(ByteBuffer into) throws IOException {
      return channel.read(into);
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      int count = bytes.remaining();
      assertThat(channel.write(bytes)).isEqualTo(count);
    }

    @Override
    public void finish() throws IOException {
      channel.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /** A plain socket. */
  record OfSocket(Socket socket) implements SocketEnd {
    @Override
    public int read(ByteBuffer into) throws IOException {
      byte[] bytes = new byte[into.remaining()];
      int count = socket.getInputStream().read(bytes);
      into.put(bytes, 0, Math.max(0, count));
      return count;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      byte[] all = new byte[bytes.remaining()];
      bytes.get(all);
      socket.getOutputStream().write(all);
    }

    @Override
    public void finish() throws IOException {
      socket.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /** An asynchronous channel, whose futures are waited for. */
  record OfAsynchronous(AsynchronousSocketChannel channel) implements SocketEnd {
    @Override
    public int read(ByteBuffer into) throws Exception {
      return done(channel.read(into));
    }

    @Override
    public void write(ByteBuffer bytes) throws Exception {
      while (bytes.hasRemaining()) {
        assertThat(done(channel.write(bytes))).isPositive();
      }
    }

    @Override
    public void finish() throws IOException {
      channel.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }

    /** The result of an operation, or its failure. */
    static <T> T done(Future<T> operation) throws Exception {
      try {
        return operation.get(); // a time limit would be one of the simulation's time
      } catch (ExecutionException e) {
        throw (IOException) e.getCause();
      }
    }
  }
}
