package io.nioring.internal.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.atLeast;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;

import io.nioring.internal.blocking.BlockingOperation;
import io.nioring.internal.blocking.Facade;
import io.nioring.internal.blocking.Waitable;
import io.nioring.internal.network.ChannelRegistry;
import io.nioring.internal.network.TestNetworks;
import io.nioring.internal.network.TrafficCounters;
import io.nioring.internal.platform.BackgroundThreads;
import io.nioring.internal.platform.PlatformProvider;
import io.nioring.internal.platform.ThreadStarter;
import io.nioring.internal.poll.PollSet;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.route.Mode;
import io.nioring.testkit.Deadline;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class KernelServerSocketTest {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private static final int WITHOUT = 3;

  private final MemoryPool memory = new MemoryPool(false);
  private final ChannelRegistry registry = new ChannelRegistry(memory, 1_000, "kernel-server-test");
  private final PollSet poll = new PollSet();
  private final AtomicInteger asked = new AtomicInteger();

  @AfterEach
  void close() throws IOException {
    registry.close();
  }

  /** The server, as the accepting thread waits for it. */
  private final class Waiting implements Waitable {
    private final KernelServerSocket server;

    Waiting(KernelServerSocket server) {
      this.server = server;
    }

    @Override
    public PollSet poll() {
      return poll;
    }

    @Override
    public int readiness(int wanted) {
      return server.readiness();
    }

    @Override
    public boolean isOpen() {
      return true;
    }
  }

  @Test
  void anAcceptGoesOnWithoutAThreadUntilThereIsOne() throws IOException {
    ThreadStarter scarce =
        (name, body) -> {
          if (asked.incrementAndGet() <= WITHOUT) {
            throw new OutOfMemoryError("unable to create native thread");
          }
          return BackgroundThreads.SYSTEM.start(name, body);
        };
    KernelServerSocket server = KernelServerSocket.bind(ANY_PORT, 1, Map.of(), poll, scarce);
    try (Socket client = new Socket()) {
      client.connect(server.localAddress());

      accept(server).close();
    } finally {
      server.close();
    }
    assertThat(asked).hasValue(WITHOUT + 1);
  }

  /** Otherwise whoever waits in an accept would wait for ever, in front of a connection. */
  @Test
  void errorInWakingTheAcceptingThreadsDelaysThemOnly() throws IOException {
    PollSet failing = mock();
    doThrow(new OutOfMemoryError("a test's"))
        .doAnswer(
            call -> {
              poll.wake(Readiness.IN);
              return null;
            })
        .when(failing)
        .wake(Readiness.IN);
    KernelServerSocket server =
        KernelServerSocket.bind(ANY_PORT, 1, Map.of(), failing, BackgroundThreads.SYSTEM);
    try {
      for (int i = 0; i < 3; i++) {
        try (Socket client = new Socket()) {
          client.connect(server.localAddress());

          accept(server).close();
        }
      }
    } finally {
      server.close();
    }
    verify(failing, atLeast(4)).wake(Readiness.IN);
  }

  private Socket accept(KernelServerSocket server) throws IOException {
    BlockingOperation waiting =
        BlockingOperation.forInput(
            new Waiting(server),
            TestNetworks.of(
                memory, PlatformProvider.lazy(), registry, new TrafficCounters(), Mode.HYBRID));
    Facade facade = mock();
    Deadline deadline = Deadline.start();
    Socket accepted = server.accept();
    while (accepted == null) {
      assertThat(deadline.passed()).isFalse();
      server.await(waiting, facade, Long.MAX_VALUE);
      accepted = server.accept();
    }
    return accepted;
  }
}
