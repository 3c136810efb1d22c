package io.nioring.contract;

import io.nioring.testkit.Deadline;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What lies beneath a {@link TlsEnd}: one end of a connection, in one of the ways in which programs
 * drive an {@code SSLEngine}. One thread reads while another writes.
 */
interface EngineLink extends Closeable {
  /** Waits for bytes; returns how many, or -1 at the end. */
  int read(ByteBuffer dst) throws IOException;

  /** Writes all bytes. */
  void write(ByteBuffer src) throws IOException;

  void shutdownOutput() throws IOException;

  /** The method in which a reader sleeps. */
  String sleepsIn();

  /** Closes this end, which has bytes unread, so that its peer is reset. */
  void reset() throws IOException;

  /** The streams of a socket. */
  record OfStreams(Socket socket) implements EngineLink {
    @Override
    public int read(ByteBuffer dst) throws IOException {
      InputStream in = socket.getInputStream();
      int count = in.read(dst.array(), dst.arrayOffset() + dst.position(), dst.remaining());
      dst.position(dst.position() + Math.max(0, count));
      return count;
    }

    @Override
    public void write(ByteBuffer src) throws IOException {
      OutputStream out = socket.getOutputStream();
      out.write(src.array(), src.arrayOffset() + src.position(), src.remaining());
      src.position(src.limit());
    }

    @Override
    public void shutdownOutput() throws IOException {
      socket.shutdownOutput();
    }

    @Override
    public String sleepsIn() {
      return "read";
    }

    @Override
    public void reset() throws IOException {
      socket.setSoLinger(true, 0); // its close would shut the output first
      socket.close();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /** A blocking channel. */
  record OfBlocking(SocketChannel channel) implements EngineLink {
    @Override
    public int read(ByteBuffer dst) throws IOException {
      return channel.read(dst);
    }

    @Override
    public void write(ByteBuffer src) throws IOException {
      while (src.hasRemaining()) {
        channel.write(src);
      }
    }

    @Override
    public void shutdownOutput() throws IOException {
      channel.shutdownOutput();
    }

    @Override
    public String sleepsIn() {
      return "read";
    }

    @Override
    public void reset() throws IOException {
      channel.close();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /** A non-blocking channel, whose reader and whose writer each have a selector. */
  record OfSelectors(SocketChannel channel, Selector readable, Selector writable)
      implements EngineLink {
    static OfSelectors of(SocketChannel channel, Selector readable, Selector writable)
        throws IOException {
      channel.configureBlocking(false);
      channel.register(readable, SelectionKey.OP_READ);
      channel.register(writable, SelectionKey.OP_WRITE);
      return new OfSelectors(channel, readable, writable);
    }

    private static void await(Selector selector) throws IOException {
      selector.select(Deadline.DEFAULT.toMillis());
      selector.selectedKeys().clear();
    }

    @Override
    public int read(ByteBuffer dst) throws IOException {
      int count = channel.read(dst);
      while (count == 0) {
        await(readable);
        count = channel.read(dst);
      }
      return count;
    }

    @Override
    public void write(ByteBuffer src) throws IOException {
      while (src.hasRemaining()) {
        if (channel.write(src) == 0) {
          await(writable);
        }
      }
    }

    @Override
    public void shutdownOutput() throws IOException {
      channel.shutdownOutput();
    }

    @Override
    public String sleepsIn() {
      return "select";
    }

    @Override
    public void reset() throws IOException {
      readable.close(); // the close of a registered channel would shut the output first
      writable.close();
      channel.close();
    }

    /** The platform closes a registered channel when its keys are gone. */
    @Override
    public void close() throws IOException {
      channel.close();
      readable.close();
      writable.close();
    }
  }

  /** An asynchronous channel, each of whose operations is waited for. */
  record OfAsynchronous(AsynchronousSocketChannel channel) implements EngineLink {
    private static int result(Future<Integer> pending) throws IOException {
      try {
        return pending.get(Deadline.DEFAULT.toMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException e) {
        if (e.getCause() instanceof IOException failure) {
          throw failure;
        }
        throw new AssertionError(e);
      } catch (InterruptedException | TimeoutException e) {
        throw new AssertionError("no result", e);
      }
    }

    @Override
    public int read(ByteBuffer dst) throws IOException {
      return result(channel.read(dst));
    }

    @Override
    public void write(ByteBuffer src) throws IOException {
      while (src.hasRemaining()) {
        result(channel.write(src));
      }
    }

    @Override
    public void shutdownOutput() throws IOException {
      channel.shutdownOutput();
    }

    @Override
    public String sleepsIn() {
      return "get";
    }

    @Override
    public void reset() throws IOException {
      channel.close();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
