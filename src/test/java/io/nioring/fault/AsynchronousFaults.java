package io.nioring.fault;

import static io.nioring.fault.FaultScript.LARGE;
import static io.nioring.fault.FaultScript.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.fault.FaultScript.Setting;
import io.nioring.fault.FaultScript.Step;
import io.nioring.route.Mode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.InterruptedByTimeoutException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The operations of asynchronous channels and their groups. */
final class AsynchronousFaults {
  private static final long WAIT_SECONDS = 10;

  private AsynchronousFaults() {}

  private static void add(
      Mode mode, String name, Step<AsynchronousOnes> prepare, Step<AsynchronousOnes> operate) {
    add(Setting.of(mode), name, prepare, operate);
  }

  private static void add(
      Setting setting,
      String name,
      Step<AsynchronousOnes> prepare,
      Step<AsynchronousOnes> operate) {
    FaultScript.add(
        setting,
        "asynchronous: " + name,
        AsynchronousOnes::new,
        w -> {
          w.openGroup();
          prepare.run(w);
        },
        operate);
  }

  static void add(Mode mode) {
    opening(mode);
    connecting(mode);
    moving(mode);
    waiting(mode);
    ending(mode);
    if (mode == Mode.HYBRID) {
      throughKernel(mode);
    }
  }

  /** The short way through all, for further settings. */
  static void addFew(Setting setting) {
    add(setting, "all in a row", w -> {}, AsynchronousOnes::allInARow);
  }

  private static void opening(Mode mode) {
    add(mode, "open a channel", w -> {}, AsynchronousOnes::socket);
    add(mode, "open a server", w -> {}, AsynchronousOnes::server);
    add(mode, "open a group", w -> {}, AsynchronousOnes::openGroup);
    add(mode, "bind a server", AsynchronousOnes::server, w -> w.server.bind(w.address));
    add(mode, "bind a client", AsynchronousOnes::socket, w -> w.client.bind(w.anyPort()));
    add(
        mode,
        "the default group",
        w -> {},
        w -> {
          w.group = null;
          w.socket();
          w.server();
        });
    add(
        mode,
        "options and names",
        AsynchronousOnes::connected,
        w -> {
          w.client.setOption(StandardSocketOptions.TCP_NODELAY, true);
          assertThat(w.client.getOption(StandardSocketOptions.SO_SNDBUF)).isPositive();
          assertThat(w.client.getLocalAddress()).isNotNull();
          assertThat(w.client.getRemoteAddress()).isNotNull();
          assertThat(w.client.supportedOptions()).isNotEmpty();
          assertThat(w.client.toString()).isNotEmpty();
          w.server.setOption(StandardSocketOptions.SO_RCVBUF, 10_000);
          assertThat(w.server.getLocalAddress()).isNotNull();
          assertThat(w.server.toString()).isNotEmpty();
        });
  }

  private static void connecting(Mode mode) {
    add(mode, "connect", AsynchronousOnes::listening, AsynchronousOnes::connect);
    add(
        mode,
        "connect with a handler",
        AsynchronousOnes::listening,
        w -> {
          w.socket();
          Told<Void> told = new Told<>();
          w.client.connect(w.target, null, told);
          end(told);
        });
    add(
        mode,
        "connect to nobody",
        w -> {},
        w -> {
          w.socket();
          try {
            end(w.client.connect(w.target));
          } catch (ConnectException e) {
            w.client.close();
          }
        });
    add(mode, "accept", AsynchronousOnes::offered, AsynchronousOnes::accept);
    add(mode, "accept a reader", AsynchronousOnes::offeredReader, AsynchronousOnes::accept);
    add(
        mode,
        "accept with a handler",
        AsynchronousOnes::offered,
        w -> {
          Told<AsynchronousSocketChannel> told = new Told<>();
          w.server.accept(null, told);
          w.accepted = w.opened(end(told));
        });
    add(
        mode,
        "accept before a connect",
        AsynchronousOnes::listening,
        w -> {
          Future<AsynchronousSocketChannel> accepting = w.server.accept();
          w.connect();
          w.accepted = w.opened(end(accepting));
        });
  }

  private static void moving(Mode mode) {
    add(mode, "write and read", AsynchronousOnes::connected, w -> w.exchange(10));
    add(mode, "read, then write", AsynchronousOnes::connected, AsynchronousOnes::readThenWrite);
    add(mode, "write and read much", AsynchronousOnes::connected, w -> w.exchange(LARGE));
    add(
        mode,
        "write and read with handlers",
        AsynchronousOnes::connected,
        w -> {
          Told<Integer> written = new Told<>();
          Told<Integer> read = new Told<>();
          w.accepted.read(bytes(10), 5, TimeUnit.SECONDS, null, read);
          w.client.write(bytes(10), 5, TimeUnit.SECONDS, null, written);
          assertThat(end(written)).isEqualTo(10);
          end(read);
        });
    add(
        mode,
        "gather and scatter",
        AsynchronousOnes::connected,
        w -> {
          Told<Long> written = new Told<>();
          Told<Long> read = new Told<>();
          ByteBuffer[] srcs = {bytes(10), bytes(3)};
          w.client.write(srcs, 0, 2, 0, TimeUnit.SECONDS, null, written);
          end(written);
          ByteBuffer[] dsts = {bytes(5), bytes(20)};
          w.accepted.read(dsts, 0, 2, 0, TimeUnit.SECONDS, null, read);
          end(read);
        });
  }

  private static void waiting(Mode mode) {
    add(
        mode,
        "write to a waiting read",
        AsynchronousOnes::withRead,
        w -> end(w.client.write(bytes(10))));
    add(
        mode,
        "write to a handler that waits",
        AsynchronousOnes::withHandler,
        w -> end(w.client.write(bytes(10))));
    add(
        mode,
        "read before a waiting write",
        AsynchronousOnes::withWrite,
        w -> end(w.accepted.read(bytes(2 << 20))));
    add(
        mode,
        "a read that times out",
        AsynchronousOnes::connected,
        w -> {
          Told<Integer> read = new Told<>();
          w.accepted.read(bytes(10), 20, TimeUnit.MILLISECONDS, null, read);
          try {
            end(read);
          } catch (InterruptedByTimeoutException e) {
            w.accepted.close();
          }
        });
    add(mode, "cancel a read", AsynchronousOnes::withRead, w -> w.reading.cancel(false));
    add(mode, "cancel a read by force", AsynchronousOnes::withRead, w -> w.reading.cancel(true));
  }

  private static void ending(Mode mode) {
    add(
        mode,
        "shut down",
        AsynchronousOnes::connected,
        w -> {
          w.client.shutdownOutput();
          w.accepted.shutdownInput();
          w.accepted.shutdownOutput();
        });
    add(mode, "close", AsynchronousOnes::connected, w -> w.client.close());
    add(mode, "close under its read", AsynchronousOnes::withRead, w -> w.accepted.close());
    add(mode, "close under a peer's read", AsynchronousOnes::withRead, w -> w.client.close());
    add(mode, "close a server", AsynchronousOnes::offered, w -> w.server.close());
    add(mode, "shut a group down", AsynchronousOnes::connected, w -> w.group.shutdown());
    add(mode, "end a group at once", AsynchronousOnes::withRead, w -> w.group.shutdownNow());
    add(mode, "close the network", AsynchronousOnes::withRead, w -> w.network.close());
  }

  private static void throughKernel(Mode mode) {
    add(mode, "connect to the kernel", FaultWorld::outside, AsynchronousOnes::connect);
    add(
        mode,
        "connect to the kernel with a handler",
        FaultWorld::outside,
        w -> {
          w.socket();
          Told<Void> told = new Told<>();
          w.client.connect(w.target, null, told);
          end(told);
        });
    add(
        mode,
        "accept from the kernel",
        w -> {
          w.listening();
          w.opened(new java.net.Socket()).connect(w.address);
        },
        AsynchronousOnes::accept);
    add(
        mode,
        "accept a reader from the kernel",
        AsynchronousOnes::offeredOutsideReader,
        AsynchronousOnes::accept);
  }

  /**
   * Waits for the end of an operation, which is told in any case.
   *
   * @throws Exception what it failed with
   */
  private static <T> T end(Future<T> operation) throws Exception {
    try {
      return operation.get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("nobody was told of the operation's end", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception exception) {
        throw exception;
      }
      throw e;
    }
  }

  /** A handler whose call is waited for. */
  private static final class Told<T> extends CompletableFuture<T>
      implements CompletionHandler<T, Void> {
    @Override
    public void completed(T result, Void nothing) {
      complete(result);
    }

    @Override
    public void failed(Throwable failure, Void nothing) {
      completeExceptionally(failure);
    }
  }

  /** A group, and channels in it. */
  @SuppressWarnings("FutureReturnValueIgnored") // each is waited for at the end
  private static final class AsynchronousOnes extends FaultWorld {
    private static final int THREADS = 2;

    AsynchronousChannelGroup group;
    AsynchronousServerSocketChannel server;
    AsynchronousSocketChannel client;
    AsynchronousSocketChannel accepted;
    Future<Integer> reading;
    private Future<AsynchronousSocketChannel> accepting;

    void openGroup() throws IOException {
      AsynchronousChannelGroup made =
          network.asynchronousProvider().openAsynchronousChannelGroup(THREADS, FaultThread::new);
      opened(made::shutdownNow);
      group = made;
    }

    void socket() throws IOException {
      client = opened(network.asynchronousProvider().openAsynchronousSocketChannel(group));
    }

    void server() throws IOException {
      server = opened(network.asynchronousProvider().openAsynchronousServerSocketChannel(group));
      if (inKernel) {
        server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      }
    }

    void listening() throws IOException {
      server();
      server.bind(address);
    }

    void connect() throws Exception {
      socket();
      end(client.connect(target));
    }

    void offered() throws Exception {
      listening();
      connect();
    }

    void offeredReader() throws Exception {
      offered();
      Future<Integer> begun = client.read(bytes(1));
      readingUnlessAccepted(begun::get, this::isAccepted, server);
    }

    void offeredOutsideReader() throws IOException {
      listening();
      java.net.Socket outside = opened(new java.net.Socket());
      outside.connect(address);
      readingUnlessAccepted(() -> outside.getInputStream().read(), this::isAccepted, server);
    }

    void accept() throws Exception {
      accepting = server.accept();
      accepted = opened(end(accepting));
    }

    /** Also if the future has a connection, but waiting for it has failed. */
    private boolean isAccepted() {
      Future<AsynchronousSocketChannel> begun = accepting;
      if (accepted == null && begun != null && begun.isDone()) {
        try {
          accepted = begun.get(); // closed with the group
        } catch (ExecutionException | InterruptedException e) {
          return false;
        }
      }
      return accepted != null;
    }

    void connected() throws Exception {
      offered();
      accept();
    }

    void exchange(int count) throws Exception {
      ByteBuffer src = bytes(count);
      ByteBuffer dst = bytes(count);
      while (dst.hasRemaining()) {
        Future<Integer> written = src.hasRemaining() ? client.write(src) : null;
        if (written != null && written.isDone()) {
          end(written); // one that failed gives nothing to read
        }
        end(accepted.read(dst));
        if (written != null) {
          end(written);
        }
      }
    }

    void readThenWrite() throws Exception {
      Future<Integer> read = accepted.read(bytes(10));
      end(client.write(bytes(10)));
      assertThat(end(read)).isEqualTo(10);
    }

    /** A read that waits; it ends with the bytes that were taken for it. */
    void withRead() throws Exception {
      connected();
      Future<Integer> begun = accepted.read(bytes(10));
      reading = begun;
      AsynchronousSocketChannel writing = client;
      reading(begun::get, () -> !writing.isOpen());
    }

    void withHandler() throws Exception {
      connected();
      Told<Integer> told = new Told<>();
      accepted.read(bytes(10), 0, TimeUnit.SECONDS, null, told);
      AsynchronousSocketChannel writing = client;
      reading(told::get, () -> !writing.isOpen());
    }

    void withWrite() throws Exception {
      connected();
      Future<Integer> begun = client.write(bytes(3 << 20));
      inBackground("writer", begun::get);
    }

    void allInARow() throws Exception {
      connected();
      exchange(10);
      client.shutdownOutput();
      assertThat(end(accepted.read(bytes(1)))).isNegative();
      accepted.close();
      server.close();
    }
  }
}
