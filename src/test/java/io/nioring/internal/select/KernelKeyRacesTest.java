package io.nioring.internal.select;

import static java.nio.channels.SelectionKey.OP_READ;
import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.platform.PlatformProvider;
import io.nioring.internal.poll.SpinPolicy;
import io.nioring.internal.time.Clock;
import io.nioring.testkit.OpenDescriptors;
import io.nioring.testkit.Rounds;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Close, cancel, registering again and the selector's close against a select, round by round, with
 * channels of the platform's. After each round the port is free, and no key is left.
 *
 * <p>The property {@code test.keyRaces.rounds} sets how many rounds each test runs.
 */
@Tag("stress")
class KernelKeyRacesTest {
  private static final int ROUNDS = Rounds.of("test.keyRaces.rounds", 3_000, 100_000);
  private static final long SEED = Long.getLong("test.seed", 1L);
  private static final long WAIT_SECONDS = 60;

  /** A thread waits so many spins, at most, before it acts. */
  private static final int MOST_SPINS = 2_000;

  /** How many descriptors the JDK may open meanwhile and keep. */
  private static final long JDKS_OWN = 8;

  private static final InetSocketAddress ANY_PORT = new InetSocketAddress(ownAddress(), 0);

  private final PlatformProvider platform = PlatformProvider.lazy();
  private final Random random = new Random(SEED);
  private final ExecutorService others = Executors.newCachedThreadPool(KernelKeyRacesTest::daemon);
  private RingSelector selector = openSelector();

  /**
   * A loopback address that other processes hardly use, where there are more than one: at that of
   * all, another process may take a port in the moment between its end and the look for it.
   */
  private static InetAddress ownAddress() {
    long process = ProcessHandle.current().pid();
    byte[] own = {127, (byte) (1 + process % 250), (byte) (process >> 8), 1};
    try {
      InetAddress address = InetAddress.getByAddress(own);
      new DatagramSocket(new InetSocketAddress(address, 0)).close();
      return address;
    } catch (IOException e) {
      return InetAddress.getLoopbackAddress();
    }
  }

  private static Thread daemon(Runnable body) {
    Thread thread = new Thread(body, "key-races");
    thread.setDaemon(true);
    return thread;
  }

  private RingSelector openSelector() {
    return new RingSelector(null, platform, new SpinPolicy(0), Clock.SYSTEM);
  }

  private interface Action {
    void run() throws Exception;
  }

  private interface Round {
    void run() throws Exception;
  }

  /** Runs the rounds; a descriptor that is lost in one shows at the end. */
  private void run(Round round) throws Exception {
    long before = 0;
    for (int i = 0; i < ROUNDS; i++) {
      if (i == Math.min(20, ROUNDS - 1)) {
        before = OpenDescriptors.count();
      }
      try {
        round.run();
      } catch (AssertionError | CancelledKeyException e) {
        throw new AssertionError("round " + i + " of seed " + SEED, e);
      }
    }
    assertThat(OpenDescriptors.count()).isLessThanOrEqualTo(before + JDKS_OWN);
  }

  @BeforeEach
  void warmUp() throws Exception {
    together(() -> {}, () -> {}, () -> {}, () -> {});
  }

  @AfterEach
  void close() throws IOException {
    selector.close();
    others.shutdownNow();
  }

  /** Lets actions run at nearly the same time, the first one on this thread. */
  private void together(Action... actions) throws Exception {
    CyclicBarrier start = new CyclicBarrier(actions.length);
    List<Future<?>> running = new ArrayList<>();
    for (int i = 1; i < actions.length; i++) {
      running.add(others.submit(delayed(start, actions[i])));
    }
    delayed(start, actions[0]).call();
    for (Future<?> each : running) {
      each.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }
  }

  private Callable<Void> delayed(CyclicBarrier start, Action action) {
    int spins = random.nextInt(MOST_SPINS);
    return () -> {
      start.await(WAIT_SECONDS, TimeUnit.SECONDS);
      for (int i = 0; i < spins; i++) {
        Thread.onSpinWait();
      }
      action.run();
      return null;
    };
  }

  private DatagramChannel openDatagrams() throws IOException {
    DatagramChannel channel = platform.get().openDatagramChannel();
    channel.bind(ANY_PORT);
    channel.configureBlocking(false);
    return channel;
  }

  private void selectSomeTimes() throws IOException {
    for (int i = 0; i < 3; i++) {
      selector.selectNow();
    }
  }

  /** Each of a few selects waits for a moment in the kernel. */
  private void selectAndWait() throws IOException {
    selector.select(1);
    selector.selectNow();
  }

  /** Whether a closed channel has given its port back. */
  private void assertIsGone(DatagramChannel channel, SocketAddress local) throws IOException {
    assertThat(channel.isRegistered()).as("registered").isFalse();
    assertThat(selector.keys()).isEmpty();
    assertIsFree(local);
  }

  /** Another process may have taken the port meanwhile; then it is not ours any more either. */
  private void assertIsFree(SocketAddress local) throws IOException {
    try (DatagramChannel again = platform.get().openDatagramChannel()) {
      again.bind(local); // throws if the port is taken still
    } catch (IOException e) {
      PortHolders holders = PortHolders.of((InetSocketAddress) local);
      if (!holders.ours().isEmpty() || holders.others().isEmpty()) {
        throw new AssertionError("port still taken: " + holders, e);
      }
    }
  }

  private void assertIsSelected(DatagramChannel channel, SelectionKey key) throws IOException {
    assertThat(key.isValid()).as("valid").isTrue();
    channel.send(ByteBuffer.allocate(1), channel.getLocalAddress());
    selector.selectedKeys().clear();
    assertThat(selector.select(TimeUnit.SECONDS.toMillis(WAIT_SECONDS))).isEqualTo(1);
    assertThat(selector.selectedKeys()).containsExactly(key);
    selector.selectedKeys().clear();
  }

  @Test
  void closedChannelsGiveTheirPortsBack() throws Exception {
    run(
        () -> {
          DatagramChannel channel = openDatagrams();
          SocketAddress local = channel.getLocalAddress();
          channel.register(selector, OP_READ);
          together(this::selectSomeTimes, channel::close);
          selectSomeTimes();
          assertIsGone(channel, local);
        });
  }

  @Test
  void channelsClosedDuringAWaitGiveTheirPortsBack() throws Exception {
    run(
        () -> {
          DatagramChannel channel = openDatagrams();
          SocketAddress local = channel.getLocalAddress();
          channel.register(selector, OP_READ);
          together(this::selectAndWait, channel::close, selector::wakeup);
          selectSomeTimes();
          assertIsGone(channel, local);
        });
  }

  /**
   * Other channels come and go beside, so that the platform's selectors are flushed all the time.
   */
  @Test
  void channelsClosedWhileOthersAreCancelledGiveTheirPortsBack() throws Exception {
    run(
        () -> {
          DatagramChannel channel = openDatagrams();
          DatagramChannel other = openDatagrams();
          SocketAddress local = channel.getLocalAddress();
          SelectionKey key = channel.register(selector, OP_READ);
          SelectionKey otherKey = other.register(selector, OP_READ);
          otherKey.cancel();
          together(this::selectSomeTimes, channel::close, key::cancel, other::close);
          selectSomeTimes();
          assertIsGone(channel, local);
          assertThat(other.isRegistered()).isFalse();
        });
  }

  @Test
  void cancelledChannelsCanBeRegisteredAgain() throws Exception {
    try (DatagramChannel channel = openDatagrams()) {
      run(
          () -> {
            SelectionKey key = channel.register(selector, OP_READ);
            together(this::selectSomeTimes, key::cancel, key::cancel, key::selector);
            selectSomeTimes();
            SelectionKey again = channel.register(selector, OP_READ);
            assertIsSelected(channel, again);
            channel.receive(ByteBuffer.allocate(1));
            again.cancel();
            selectSomeTimes();
            assertThat(channel.isRegistered()).isFalse();
          });
    }
  }

  @Test
  void lateCancelOfAnOldKeyDoesNotEndANewRegistration() throws Exception {
    try (DatagramChannel channel = openDatagrams()) {
      run(
          () -> {
            SelectionKey key = channel.register(selector, OP_READ);
            List<SelectionKey> again = new ArrayList<>();
            together(
                () -> {
                  key.cancel();
                  again.add(registerAgain(channel));
                },
                key::cancel,
                key::selector);
            assertThat(again.get(0)).isNotSameAs(key);
            selector.selectNow();
            assertIsSelected(channel, again.get(0));
            channel.receive(ByteBuffer.allocate(1));
            again.get(0).cancel();
            selectSomeTimes();
          });
    }
  }

  /** Selects until the old key is gone, as a program does that is told of it. */
  private SelectionKey registerAgain(DatagramChannel channel) throws IOException {
    for (int i = 0; i < 1_000_000; i++) {
      try {
        return channel.register(selector, OP_READ);
      } catch (CancelledKeyException e) {
        selector.selectNow();
      }
    }
    throw new AssertionError("refused for good");
  }

  @Test
  void kernelChannelsThatAreAttachedToACancelledKeyAreLetGo() throws Exception {
    run(
        () -> {
          FakeChannel ring = new FakeChannel();
          RingSelectionKey key = (RingSelectionKey) ring.register(selector, OP_READ);
          DatagramChannel behind = openDatagrams();
          SocketAddress local = behind.getLocalAddress();
          together(
              this::selectSomeTimes,
              () -> key.attachKernel(behind),
              () -> {
                ring.close();
                behind.close();
              });
          selectSomeTimes();
          assertIsGone(behind, local);
        });
  }

  @Test
  void selectorsThatCloseLetTheirChannelsGo() throws Exception {
    run(
        () -> {
          selector.close();
          selector = openSelector();
          DatagramChannel channel = openDatagrams();
          DatagramChannel late = openDatagrams();
          SocketAddress local = channel.getLocalAddress();
          channel.register(selector, OP_READ);
          together(
              () -> unlessClosed(this::selectAndWait),
              selector::close,
              channel::close,
              () -> unlessClosed(() -> late.register(selector, OP_READ)));
          selector.close();
          late.close();
          assertIsFree(local);
          assertThat(channel.isRegistered()).isFalse();
          assertThat(late.isRegistered()).isFalse();
        });
  }

  private static void unlessClosed(Action action) throws Exception {
    try {
      action.run();
    } catch (ClosedSelectorException | ClosedChannelException e) {
      return; // by the other thread
    }
  }
}
