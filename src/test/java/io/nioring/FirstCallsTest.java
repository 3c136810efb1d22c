package io.nioring;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.platform.ChildJvm;
import io.nioring.observe.Capture;
import io.nioring.observe.CaptureOptions;
import io.nioring.route.Mode;
import io.nioring.socket.AncillaryData;
import io.nioring.socket.RingSocket;
import io.nioring.testkit.FullHeap;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What wakes or ends something for the first time in a program, with a heap that is full to the
 * last byte: the JVM takes memory for some first calls, as those through a variable handle, and
 * they throw without. Each in a JVM of its own.
 */
class FirstCallsTest {
  private static final String TOLD = "\nnobody waits\n";
  private static final String UNTOLD = "\nsomebody waits\n";
  private static final String DEATH = "a thread has ended by an error";

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void nobodyWaitsForEver(Kind kind) throws Exception {
    List<String> lines =
        ChildJvm.command(Program.class)
            .flags("-Xms16m", "-Xmx16m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
            .arguments(kind.name())
            .run(directory, 120);
    assertThat(lines) // a log may come between, or behind
        .contains("nobody waits")
        .doesNotContain(DEATH);
  }

  /** What is called. The first two need no memory, and are not repeated. */
  enum Kind {
    WAKEUP,
    WRITE_TO_SELECTOR,
    CLOSE_BESIDE_SELECTOR,
    CLOSE_BESIDE_READER,
    SHUT_BESIDE_READER,
    CLOSE_REGISTERED,
    CLOSE_LISTENER,
    CLOSE_NETWORK,
    CLOSE_HYBRID_NETWORK,
    CLOSE_BESIDE_HANDLER,
    CLOSE_BESIDE_ACCEPT_OF_FIXED_GROUP,
    CLOSE_BEFORE_RIGHTS,
    END_CAPTURE,
    SEND_DATAGRAM,
    CONNECT,
    WRITE
  }

  /** Something that may fail. */
  private interface Body {
    void run() throws Exception;
  }

  /** Makes one call with a full heap beside a thread that waits for it. */
  static final class Program {
    private static final int IDLE_MILLIS = 600_000;

    /** What has ended a thread. */
    private static volatile Throwable death;

    /** No lambda, whose class may find no memory. */
    private static final class Deaths implements Thread.UncaughtExceptionHandler {
      @Override
      public void uncaughtException(Thread thread, Throwable failure) {
        death = failure;
        if (thread.getName().equals("main")) {
          failure.printStackTrace(); // nothing else tells it
        }
      }
    }

    private static final long HELD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long WAIT_SECONDS = 30;
    private static final int ASLEEP_LOOKS = 20;

    /** Memory of rings that is given back meanwhile would have to be taken again. */
    private final RingNetwork network =
        RingNetwork.open(RingNetworkConfig.builder().idleMillis(IDLE_MILLIS).build());

    private final ByteBuffer one = ByteBuffer.allocate(1);
    private final ByteBuffer room = ByteBuffer.allocate(16);
    private final CountDownLatch over = new CountDownLatch(1);
    private Body call;

    private Program() throws IOException {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws Exception {
      Thread.setDefaultUncaughtExceptionHandler(new Deaths());
      FullHeap.fill(); // loads what that needs
      FullHeap.free();
      Program program = new Program();
      Kind kind = Kind.valueOf(args[0]);
      program.prepare(kind);
      boolean done = callWithoutHeap(program.call);
      if (!done && kind != Kind.WAKEUP && kind != Kind.WRITE_TO_SELECTOR) {
        program.call.run(); // as programs do that try again
      }
      boolean told = program.over.await(WAIT_SECONDS, TimeUnit.SECONDS);
      System.out.print(told ? TOLD : UNTOLD); // a line of its own beside a log
      System.out.println(done);
      if (death != null) {
        System.out.println(DEATH); // not by a text that is put together, for which classes may miss
        System.out.println(death);
      }
      Runtime.getRuntime().halt(0);
    }

    private void prepare(Kind kind) throws Exception {
      switch (kind) {
        case WAKEUP -> {
          Selector selector = network.provider().openSelector();
          waitIn(selector::select);
          call = selector::wakeup;
        }
        case WRITE_TO_SELECTOR -> {
          SocketChannel[] ends = connect();
          write(ends[0]); // makes the ring
          ends[1].read(room.clear());
          select(ends[1]);
          call = () -> write(ends[0]);
        }
        case CLOSE_BESIDE_SELECTOR -> {
          SocketChannel[] ends = connect();
          select(ends[1]);
          call = ends[0]::close;
        }
        case CLOSE_BESIDE_READER -> call = read()::close;
        case SHUT_BESIDE_READER -> call = read()::shutdownOutput;
        case CLOSE_REGISTERED -> {
          SocketChannel peer = read();
          peer.configureBlocking(false);
          peer.register(network.provider().openSelector(), SelectionKey.OP_READ);
          call = peer::close;
        }
        case CLOSE_LISTENER -> {
          ServerSocketChannel full = listen(1);
          open(full);
          open(full);
          waitIn(() -> open(full)); // there is no room for it
          call = full::close;
        }
        case CLOSE_NETWORK -> {
          read();
          call = network::close;
        }
        case CLOSE_HYBRID_NETWORK -> {
          RingNetwork hybrid =
              RingNetwork.open(
                  RingNetworkConfig.builder().mode(Mode.HYBRID).idleMillis(IDLE_MILLIS).build());
          ServerSocketChannel server = hybrid.provider().openServerSocketChannel();
          server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
          waitIn(server::accept, Thread.State.RUNNABLE); // in the kernel
          call = hybrid::close;
        }
        case CLOSE_BESIDE_HANDLER -> call = readAsynchronously()::close;
        case CLOSE_BESIDE_ACCEPT_OF_FIXED_GROUP -> {
          AsynchronousServerSocketChannel server =
              listen(
                  network
                      .asynchronousProvider()
                      .openAsynchronousChannelGroup(1, Executors.defaultThreadFactory()));
          server.accept(null, new Handler<>());
          call = server::close;
        }
        case CLOSE_BEFORE_RIGHTS -> {
          SocketPair pair = network.socketPair();
          SocketPair inFlight = network.socketPair();
          AncillaryData rights = AncillaryData.ofChannels(inFlight.first());
          RingSocket.of(pair.first()).send(one, rights);
          waitIn(() -> inFlight.second().read(room));
          call = pair.second()::close;
        }
        case END_CAPTURE -> {
          OutputStream out = OutputStream.nullOutputStream();
          CaptureOptions small = CaptureOptions.builder().queueBytes(1 << 16).build();
          Capture capture = Capture.start(network, out, small);
          write(connect()[0]);
          call =
              () -> {
                capture.close();
                over.countDown();
              };
        }
        case SEND_DATAGRAM -> {
          DatagramChannel receiver = open();
          DatagramChannel sender = open();
          sender.connect(receiver.getLocalAddress());
          waitIn(() -> receiver.receive(room));
          call = () -> sender.write(one.clear());
        }
        case CONNECT -> {
          ServerSocketChannel server = listen(0);
          SocketChannel client = network.provider().openSocketChannel();
          waitIn(server::accept);
          call = () -> client.connect(server.getLocalAddress());
        }
        case WRITE -> {
          SocketChannel peer = read();
          call = () -> write(peer);
        }
      }
    }

    private void write(SocketChannel end) throws IOException {
      one.clear();
      while (one.hasRemaining()) {
        end.write(one);
      }
    }

    private SocketChannel read() throws Exception {
      SocketChannel[] ends = connect();
      waitIn(() -> ends[1].read(room));
      return ends[0];
    }

    private void select(SocketChannel end) throws Exception {
      Selector selector = network.provider().openSelector();
      end.configureBlocking(false);
      end.register(selector, SelectionKey.OP_READ);
      waitIn(
          () -> {
            while (selector.select() == 0) {
              Thread.onSpinWait();
            }
          });
    }

    private DatagramChannel open() throws IOException {
      DatagramChannel channel = network.provider().openDatagramChannel(StandardProtocolFamily.INET);
      return channel.bind(new InetSocketAddress("127.0.0.1", 0));
    }

    private ServerSocketChannel listen(int backlog) throws IOException {
      ServerSocketChannel server = network.provider().openServerSocketChannel();
      return server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), backlog);
    }

    private SocketChannel open(ServerSocketChannel server) throws IOException {
      SocketChannel client = network.provider().openSocketChannel();
      client.connect(server.getLocalAddress());
      return client;
    }

    private SocketChannel[] connect() throws IOException {
      ServerSocketChannel server = listen(0);
      return new SocketChannel[] {open(server), server.accept()};
    }

    private AsynchronousServerSocketChannel listen(AsynchronousChannelGroup group)
        throws IOException {
      AsynchronousServerSocketChannel server =
          network.asynchronousProvider().openAsynchronousServerSocketChannel(group);
      return server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private SocketChannel readAsynchronously() throws Exception {
      AsynchronousServerSocketChannel server = listen(null);
      SocketChannel client = network.provider().openSocketChannel();
      client.connect(server.getLocalAddress());
      AsynchronousSocketChannel end = server.accept().get();
      end.read(room, null, new Handler<>());
      return client;
    }

    /** Runs what waits, again where it has no memory, and waits until its thread sleeps. */
    private void waitIn(Body body) throws InterruptedException {
      waitIn(body, Thread.State.WAITING);
    }

    private void waitIn(Body body, Thread.State asleep) throws InterruptedException {
      Thread thread =
          new Thread(
              () -> {
                while (over.getCount() > 0) {
                  try {
                    body.run();
                    over.countDown();
                  } catch (OutOfMemoryError e) {
                    Thread.onSpinWait();
                  } catch (Exception e) {
                    over.countDown(); // a reset
                  }
                }
              });
      thread.setDaemon(true);
      thread.start();
      for (int looks = 0; looks < ASLEEP_LOOKS; looks++) {
        if (thread.getState() != asleep) {
          looks = 0;
        }
        TimeUnit.MILLISECONDS.sleep(1);
      }
    }

    /** Whether it has not failed for want of memory. */
    private static boolean callWithoutHeap(Body call) throws Exception {
      FullHeap.fill();
      try {
        call.run();
        return true;
      } catch (OutOfMemoryError e) {
        return false;
      } finally {
        for (long end = System.nanoTime() + HELD_NANOS; System.nanoTime() < end; ) {
          Thread.onSpinWait(); // who was woken finds no memory either
        }
        FullHeap.free();
      }
    }

    /** Receives the end of the stream, or that of its channel. */
    private final class Handler<V> implements CompletionHandler<V, Object> {
      @Override
      public void completed(V result, Object attachment) {
        over.countDown();
      }

      @Override
      public void failed(Throwable cause, Object attachment) {
        over.countDown();
      }
    }
  }
}
