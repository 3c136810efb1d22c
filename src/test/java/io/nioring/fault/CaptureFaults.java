package io.nioring.fault;

import static io.nioring.fault.FaultScript.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.fault.FaultScript.Setting;
import io.nioring.fault.FaultScript.Step;
import io.nioring.observe.Capture;
import io.nioring.observe.CaptureOptions;
import io.nioring.route.Mode;
import io.nioring.testkit.Deadline;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** What captures do on the threads of programs, and on their own. */
final class CaptureFaults {
  private CaptureFaults() {}

  private static void add(String name, Step<Captured> prepare, Step<Captured> operate) {
    FaultScript.add(Setting.of(Mode.RING), "capture: " + name, Captured::new, prepare, operate);
  }

  static void add() {
    add("start", w -> w.connect(), w -> w.start());
    add("connect", w -> w.start(), w -> w.connect());
    add(
        "write and read",
        w -> {
          w.start();
          w.connect();
        },
        w -> w.exchange());
    add(
        "close a connection",
        w -> {
          w.start();
          w.connect();
        },
        w -> w.client.close());
    add(
        "end",
        w -> {
          w.connect();
          w.start();
        },
        w -> w.capture.close());
  }

  /** A connection, and a capture of it. */
  private static final class Captured extends FaultWorld {
    private static final int MANY = 100_000;

    /** The garbage collector frees it, which must not be waited for. */
    private static final int QUEUE_BYTES = 1 << 16;

    Capture capture;
    ServerSocketChannel server;
    SocketChannel client;
    SocketChannel accepted;

    void start() throws IOException {
      Path file = Path.of(path.getPath() + ".pcapng");
      opened(
          () -> {
            if (capture != null) {
              capture.close();
            }
            Deadline.await("no capture's thread is left", Captured::isEnded);
            Files.deleteIfExists(file);
          });
      CaptureOptions options =
          CaptureOptions.builder().snapBytes(100).queueBytes(QUEUE_BYTES).build();
      capture = Capture.start(network, file, options);
    }

    private static boolean isEnded() {
      Thread[] all = new Thread[Thread.activeCount() + 20];
      int count = Thread.enumerate(all);
      for (int i = 0; i < count; i++) {
        if (all[i].getName().equals(FaultPoints.CAPTURE)) {
          return false;
        }
      }
      return true;
    }

    void connect() throws IOException {
      server = opened(provider.openServerSocketChannel());
      server.bind(address);
      client = opened(provider.openSocketChannel());
      client.connect(address);
      accepted = opened(server.accept());
    }

    void exchange() throws IOException {
      client.write(bytes(MANY));
      ByteBuffer dst = bytes(MANY);
      while (dst.hasRemaining()) {
        assertThat(accepted.read(dst)).isPositive();
      }
    }
  }
}
