package io.nioring.internal.select;

import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.nioring.internal.platform.PlatformProvider;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.poll.SpinPolicy;
import io.nioring.internal.time.Clock;
import io.nioring.testkit.Background;
import io.nioring.testkit.OpenDescriptors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.IllegalSelectorException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Channels of the platform's beside ring channels in one selector. */
@SuppressWarnings("ThreadPriorityCheck") // a yield only shortens the wait
class RingSelectorKernelTest {
  private static final long WAIT_SECONDS = 60;
  private static final long LONG_MILLIS = TimeUnit.SECONDS.toMillis(WAIT_SECONDS);
  private static final long CANCEL_RACE_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long SPIN_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

  private final PlatformProvider platform = PlatformProvider.lazy();
  private final RingSelector selector =
      new RingSelector(null, platform, new SpinPolicy(SPIN_NANOS), Clock.SYSTEM);
  private FakeChannel ring;
  private DatagramChannel datagrams;
  private Pipe pipe;

  @BeforeEach
  void open() throws IOException {
    ring = new FakeChannel();
    datagrams = openDatagrams();
    pipe = platform.get().openPipe();
    pipe.source().configureBlocking(false);
    pipe.sink().configureBlocking(false);
  }

  private DatagramChannel openDatagrams() throws IOException {
    DatagramChannel channel = platform.get().openDatagramChannel();
    channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    channel.configureBlocking(false);
    return channel;
  }

  @AfterEach
  void close() throws IOException {
    selector.close();
    ring.close();
    datagrams.close();
    pipe.source().close();
    pipe.sink().close();
  }

  private void sendToItself() throws IOException {
    datagrams.send(ByteBuffer.wrap(new byte[] {42}), datagrams.getLocalAddress());
  }

  private void writeToPipe() throws IOException {
    pipe.sink().write(ByteBuffer.wrap(new byte[] {42}));
  }

  private static <T> T get(Background<T> task) throws Exception {
    return task.get(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  /** Another thread may change the interest while the key gets its inner one. */
  @Test
  void interestThatChangesWhileAKeyFollowsIntoTheKernelIsPassedOn() throws Exception {
    FakePlatformSelector fake = new FakePlatformSelector();
    SelectorProvider provider = mock();
    when(provider.openSelector()).thenReturn(fake);
    try (RingSelector outer =
        new RingSelector(
            null, new PlatformProvider(() -> provider), new SpinPolicy(0), Clock.SYSTEM)) {
      RingSelectionKey key = (RingSelectionKey) ring.register(outer, 0);
      fake.whenRegistering(() -> key.interestOps(OP_READ));

      key.attachKernel(datagrams);

      assertThat(datagrams.keyFor(fake).interestOps()).isEqualTo(OP_READ);
    }
  }

  /** Selects until all these channels have been selected once, as a loop of a program does. */
  private void assertAllSelected(SelectableChannel... expected) throws IOException {
    List<SelectableChannel> missing = new ArrayList<>(List.of(expected));
    long start = System.nanoTime();
    while (!missing.isEmpty()) {
      selector.select(LONG_MILLIS);
      for (SelectionKey key : selector.selectedKeys()) {
        missing.remove(key.channel());
      }
      selector.selectedKeys().clear();
      assertThat(System.nanoTime() - start)
          .as("still not selected: %s", missing)
          .isLessThan(TimeUnit.SECONDS.toNanos(WAIT_SECONDS));
    }
  }

  @Test
  void ringAndKernelChannelsAreSelectedTogether() throws Exception {
    ring.register(selector, OP_READ);
    datagrams.register(selector, OP_READ);
    pipe.source().register(selector, OP_READ);
    pipe.sink().register(selector, OP_WRITE);
    assertAllSelected(pipe.sink());
    assertThat(selector.keys()).hasSize(4);

    ring.become(Readiness.IN);
    sendToItself();
    writeToPipe();
    assertAllSelected(ring, datagrams, pipe.source(), pipe.sink());
  }

  @Test
  void eachKindWakesASleepingSelect() throws Exception {
    ring.register(selector, OP_READ);
    datagrams.register(selector, OP_READ);

    Background<Integer> forRing = Background.run(() -> selector.select(LONG_MILLIS));
    ring.become(Readiness.IN);
    assertThat(get(forRing)).isEqualTo(1);
    assertThat(ring.keyFor(selector).isReadable()).isTrue();
    ring.become(0);
    selector.selectedKeys().clear();

    Background<Integer> forKernel = Background.run(() -> selector.select(LONG_MILLIS));
    sendToItself();
    assertThat(get(forKernel)).isEqualTo(1);
    assertThat(datagrams.keyFor(selector).isReadable()).isTrue();
  }

  @Test
  void wakeUpsForNothingAreAbsorbedAlsoInTheKernel() throws Exception {
    ring.register(selector, OP_READ);
    datagrams.register(selector, OP_READ);
    AtomicBoolean over = new AtomicBoolean();
    Background<Void> waking =
        Background.run(
            () -> {
              while (!over.get()) {
                ring.poll().wake(Readiness.IN);
                Thread.yield();
              }
              return null;
            });
    try {
      long start = System.nanoTime();
      assertThat(selector.select(200)).isZero();
      assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(200_000_000);
    } finally {
      over.set(true);
    }
    get(waking);
  }

  @Test
  void pendingWakeupSurvivesTheLookIntoTheKernel() throws Exception {
    datagrams.register(selector, OP_READ);
    selector.selectNow();
    selector.wakeup();
    assertThat(selector.select()).isZero();

    long start = System.nanoTime();
    assertThat(selector.select(30)).isZero();
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(30_000_000);
  }

  @Test
  void interruptEndsASelectInTheKernelAndKeepsTheFlag() throws Exception {
    datagrams.register(selector, OP_READ);
    CountDownLatch ready = new CountDownLatch(1);
    Background<Boolean> selecting =
        Background.run(
            () -> {
              ready.countDown();
              selector.select();
              boolean kept = Thread.interrupted();
              return kept && selector.isOpen();
            });
    assertThat(ready.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    selecting.thread().interrupt();
    assertThat(get(selecting)).isTrue();
  }

  /**
   * A look into the kernel costs more than a round trip over a ring: blocking selects that find
   * rings ready do without most of them, {@code selectNow} never does.
   */
  @Test
  void busyRingsAreNotSlowedDownByLooksIntoTheKernel() throws Exception {
    ring.answerLooksWith(() -> Readiness.IN);
    ring.register(selector, OP_READ);
    datagrams.register(selector, OP_READ);
    sendToItself();

    int rounds = 1_000;
    assertThat(selectsThatFindTheDatagram(rounds, () -> selector.select(LONG_MILLIS)))
        .isBetween(1, rounds - 1);
    assertThat(selectsThatFindTheDatagram(rounds, selector::selectNow)).isEqualTo(rounds);
  }

  private int selectsThatFindTheDatagram(int rounds, Callable<Integer> select) throws Exception {
    int found = 0;
    for (int i = 0; i < rounds; i++) {
      select.call();
      found += selector.selectedKeys().contains(datagrams.keyFor(selector)) ? 1 : 0;
      selector.selectedKeys().clear();
    }
    return found;
  }

  /**
   * The ring becomes ready each time just after a select has found it not ready, as a partner on
   * another core does that answers quickly. It must not get all turns.
   */
  @Test
  void ringThatIsAlwaysJustInTimeDoesNotStarveTheKernel() throws Exception {
    AtomicInteger looks = new AtomicInteger(2);
    ring.answerLooksWith(
        () -> {
          int look = looks.incrementAndGet();
          if (look == 2) {
            ring.poll().wake(Readiness.IN); // between the selector's last look and its sleep
          }
          return look <= 2 ? 0 : Readiness.IN;
        });
    ring.register(selector, OP_READ);
    datagrams.register(selector, OP_READ);
    assertAllSelected(ring);
    sendToItself();

    boolean kernelSelected = false;
    for (int selects = 0; selects < 1_000 && !kernelSelected; selects++) {
      looks.set(0);
      selector.select(LONG_MILLIS);
      kernelSelected = selector.selectedKeys().contains(datagrams.keyFor(selector));
      selector.selectedKeys().clear();
    }
    assertThat(kernelSelected).as("selected within 1,000 selects").isTrue();
  }

  // -- actions

  @Test
  void actionSeesBothKindsOnce() throws Exception {
    ring.register(selector, OP_READ);
    pipe.source().register(selector, OP_READ);
    ring.become(Readiness.IN);
    writeToPipe();
    List<SelectableChannel> seen = new ArrayList<>();
    while (!seen.contains(pipe.source())) {
      seen.clear();
      selector.selectNow(key -> seen.add(key.channel()));
    }
    assertThat(seen).containsExactlyInAnyOrder(ring, pipe.source());
    assertThat(selector.selectedKeys()).isEmpty();
  }

  @Test
  void actionThatThrowsForAKernelChannelLosesNothing() throws Exception {
    ring.register(selector, OP_READ);
    pipe.source().register(selector, OP_READ);
    writeToPipe();
    RuntimeException failure = new RuntimeException("of the action");
    assertThatThrownBy(
            () ->
                selector.select(
                    key -> {
                      throw failure;
                    }))
        .isSameAs(failure);

    ring.become(Readiness.IN);
    assertAllSelected(ring, pipe.source());
  }

  @Test
  void actionForAKernelChannelMayCloseTheSelector() throws Exception {
    pipe.source().register(selector, OP_READ);
    writeToPipe();
    assertThatThrownBy(() -> selector.select(key -> closeSelector()))
        .isInstanceOf(ClosedSelectorException.class);
    assertThat(selector.isOpen()).isFalse();
    assertThat(pipe.source().isRegistered()).isFalse();
  }

  private void closeSelector() {
    try {
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void actionForAKernelChannelMayCancelAndCloseIt() throws Exception {
    pipe.source().register(selector, OP_READ);
    datagrams.register(selector, OP_READ);
    writeToPipe();
    sendToItself();
    List<SelectableChannel> seen = new ArrayList<>();
    while (seen.size() < 2) {
      selector.select(
          key -> {
            seen.add(key.channel());
            key.cancel();
            closeQuietly(key.channel());
          });
    }
    assertThat(seen).containsExactlyInAnyOrder(pipe.source(), datagrams);
    assertThat(selector.keys()).isEmpty();
  }

  private static void closeQuietly(SelectableChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // -- interest, cancel, registering again, close

  @Test
  void interestOfAKernelChannelFollows() throws Exception {
    SelectionKey key = datagrams.register(selector, 0);
    assertThat(selector.selectNow()).isZero();
    key.interestOps(OP_WRITE);
    assertThat(selector.select(LONG_MILLIS)).isEqualTo(1);
    assertThat(key.readyOps()).isEqualTo(OP_WRITE);
    selector.selectedKeys().clear();
    key.interestOpsAnd(0);
    assertThat(selector.selectNow()).isZero();
    assertThat(key.interestOpsOr(OP_READ)).isZero();
    sendToItself();
    assertThat(selector.select(LONG_MILLIS)).isEqualTo(1);
    assertThat(key.readyOps()).isEqualTo(OP_READ);
  }

  @Test
  void onlyKernelChannelCanBeCancelledAndRegisteredAgain() throws Exception {
    for (int i = 0; i < 3; i++) {
      SelectionKey key = datagrams.register(selector, OP_READ);
      key.cancel();
      assertThat(key.isValid()).isFalse();
      selector.selectNow();
      assertThat(datagrams.isRegistered()).isFalse();
      assertThat(selector.keys()).isEmpty();
    }
    datagrams.register(selector, OP_READ);
    sendToItself();
    assertAllSelected(datagrams);
  }

  @Test
  void keyCancelledWhileItIsSelectedCanBeRegisteredAgain() throws Exception {
    datagrams.register(selector, OP_WRITE);
    selector.select(SelectionKey::cancel);
    assertThat(datagrams.isRegistered()).isFalse();
    datagrams.register(selector, OP_WRITE);
    assertAllSelected(datagrams);
  }

  @Test
  void cancelledKernelChannelCanBlockAtOnceAndAfterASelect() throws Exception {
    datagrams.register(selector, OP_READ).cancel();
    datagrams.configureBlocking(true);
    datagrams.configureBlocking(false);
    selector.selectNow();
    datagrams.configureBlocking(true);
    datagrams.configureBlocking(false);
    datagrams.register(selector, OP_READ);
  }

  @Test
  void cancelledKeyIsNotSelected() throws Exception {
    SelectionKey key = pipe.source().register(selector, OP_READ);
    writeToPipe();
    key.cancel();
    assertThat(selector.selectNow()).isZero();
    assertThatThrownBy(() -> key.interestOps(OP_READ)).isInstanceOf(CancelledKeyException.class);
  }

  @Test
  void closedSelectorLetsItsKernelChannelsGo() throws Exception {
    SelectionKey key = datagrams.register(selector, OP_READ);
    selector.close();
    assertThat(key.isValid()).isFalse();
    assertThat(datagrams.isRegistered()).isFalse();
    datagrams.configureBlocking(true);
  }

  @Test
  void closedSelectorRefusesKernelChannelsAsAllOthers() throws Exception {
    selector.close();
    assertThatThrownBy(() -> datagrams.register(selector, OP_READ))
        .isInstanceOf(ClosedSelectorException.class);
    assertThat(datagrams.isRegistered()).isFalse();
  }

  @Test
  void onlyClosedSelectorExceptionEscapesFromRegisteringAgainstClose() throws Exception {
    for (int round = 0; round < 100; round++) {
      RingSelector closing = new RingSelector(null, platform, new SpinPolicy(0), Clock.SYSTEM);
      pipe.source().register(closing, OP_READ);
      CountDownLatch registering = new CountDownLatch(1);
      Background<Void> task =
          Background.run(
              () -> {
                try {
                  while (true) {
                    datagrams.register(closing, OP_READ);
                    registering.countDown();
                    datagrams.keyFor(closing).interestOps(0);
                  }
                } catch (ClosedSelectorException | CancelledKeyException | NullPointerException e) {
                  return null; // null is no key any more
                }
              });
      assertThat(registering.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
      closing.close();
      get(task);
    }
  }

  /** Channels close under the feet of a select that finds them ready; nothing escapes from it. */
  @Test
  void selectToleratesChannelsThatCloseMeanwhile() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    Background<Void> selecting =
        Background.run(
            () -> {
              while (!over.get()) {
                selector.selectNow(key -> {});
              }
              return null;
            });
    try {
      long start = System.nanoTime();
      while (!selecting.isDone()
          && System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(1_500)) {
        List<DatagramChannel> channels = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
          DatagramChannel channel = openDatagrams();
          channel.register(selector, OP_WRITE);
          channels.add(channel);
        }
        for (DatagramChannel channel : channels) {
          channel.close();
        }
      }
    } finally {
      over.set(true);
    }
    get(selecting);
    selector.selectNow();
    assertThat(selector.keys()).isEmpty();
  }

  @Test
  void closedKernelChannelsGiveTheirDescriptorsBack() throws Exception {
    datagrams.register(selector, OP_READ);
    selector.selectNow();
    long before = OpenDescriptors.count();
    for (int i = 0; i < 300; i++) {
      DatagramChannel channel = openDatagrams();
      channel.register(selector, OP_WRITE);
      selector.selectNow();
      channel.close();
      selector.selectNow();
    }
    assertThat(OpenDescriptors.count() - before).isLessThan(100);
  }

  @Test
  void lastKernelChannelGivesItsDescriptorBackToo() throws Exception {
    datagrams.register(selector, OP_READ).cancel();
    selector.selectNow();
    long before = OpenDescriptors.count();
    for (int i = 0; i < 300; i++) {
      DatagramChannel channel = openDatagrams();
      channel.register(selector, OP_READ);
      channel.close();
      selector.selectNow();
    }
    assertThat(OpenDescriptors.count() - before).isLessThan(100);
  }

  /**
   * A key's own cancel cancels the guard's key before it is itself in the cancelled-key set: the
   * guard, flushed in between, forgot first, and nobody closed the descriptor.
   */
  @Test
  void channelsThatAreCancelledAndClosedDuringSelectsGiveTheirDescriptorsBack() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    Background<Void> selecting =
        Background.run(
            () -> {
              while (!over.get()) {
                selector.selectNow();
              }
              return null;
            });
    long before = OpenDescriptors.count();
    try {
      for (int i = 0; i < 20_000; i++) {
        DatagramChannel channel = platform.get().openDatagramChannel();
        channel.configureBlocking(false);
        channel.register(selector, OP_READ).cancel();
        channel.close();
      }
    } finally {
      over.set(true);
    }
    get(selecting);
    selector.selectNow();
    assertThat(selector.keys()).isEmpty();
    assertThat(OpenDescriptors.count() - before).isLessThan(20);
  }

  /**
   * The interleaving: while a select drops keys of both kinds, the next ring key is cancelled, and
   * so on without end. The select leaves them to the next one, but has the guard forget.
   */
  @Test
  void ringKeysThatAreCancelledAllTheTimeDoNotKeepASelect() throws IOException {
    AtomicInteger left = new AtomicInteger(1_000);
    cancelAKeyAndTheNextWhenItIsDropped(left);
    datagrams.register(selector, OP_READ).cancel();

    selector.selectNow();

    assertThat(left.getAndSet(0)).isGreaterThan(990);
    datagrams.register(selector, OP_READ); // no key of it stands in the way
  }

  private void cancelAKeyAndTheNextWhenItIsDropped(AtomicInteger left) throws IOException {
    FakeChannel channel = new FakeChannel();
    SelectionKey key = channel.register(selector, OP_READ);
    channel.whenAKeyComesOrGoes(
        () -> {
          try {
            if (left.decrementAndGet() >= 0) {
              cancelAKeyAndTheNextWhenItIsDropped(left);
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    key.cancel();
  }

  /**
   * The channel's outer key is not in the batch that is being dropped; it goes before the guard's.
   */
  @Test
  void channelsThatCloseWhileKeysAreDroppedGiveTheirDescriptorsBack() throws Exception {
    datagrams.register(selector, OP_READ).cancel();
    selector.selectNow();
    long before = OpenDescriptors.count();
    for (int i = 0; i < 100; i++) {
      DatagramChannel closing = openDatagrams();
      closing.register(selector, OP_READ);
      SelectionKey key = ring.register(selector, OP_READ);
      ring.whenAKeyComesOrGoes(() -> closeQuietly(closing));
      key.cancel();
      datagrams.register(selector, OP_READ).cancel();
      selector.selectNow();
      ring.whenAKeyComesOrGoes(() -> {});
    }
    assertThat(OpenDescriptors.count() - before).isLessThan(50);
  }

  /**
   * The interleaving: while one of the platform's selectors is flushed for another channel, a key
   * is cancelled and its channel closed. That selector forgets the channel with the other one's
   * keys, and the outer key is still there; the other selector must forget after that is gone.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void channelThatClosesDuringAFlushIsFreedByTheOtherSelector(int flushed) throws Exception {
    List<FakePlatformSelector> opened = new ArrayList<>();
    PlatformProvider fake =
        platformWhoseSelectorsAre(
            () -> {
              opened.add(new FakePlatformSelector());
              return opened.get(opened.size() - 1);
            });
    PlainChannel closing = new PlainChannel();
    try (RingSelector guarded = new RingSelector(null, fake, new SpinPolicy(0), Clock.SYSTEM);
        PlainChannel other = new PlainChannel()) {
      SelectionKey key = closing.register(guarded, OP_READ);
      other.register(guarded, OP_READ).cancel();
      List<Thread> threads = new ArrayList<>();
      opened
          .get(flushed)
          .whenFlushing(
              () -> {
                threads.add(startUntilBlocked(key::cancel));
                threads.add(startUntilBlocked(() -> closeQuietly(closing)));
              });

      guarded.selectNow();

      for (Thread thread : threads) {
        thread.join(LONG_MILLIS);
      }
      guarded.selectNow();
      assertThat(closing.isRegistered()).isFalse();
      assertThat(opened).anyMatch(each -> each.freed().contains(closing));
    }
  }

  /**
   * The interleaving: the platform's selectors are flushed when a close has cancelled their keys,
   * but not yet the outer one, which is in no set so far.
   */
  @Test
  void channelWhoseOuterKeyIsCancelledLastIsFreed() throws Exception {
    List<FakePlatformSelector> opened = new ArrayList<>();
    PlatformProvider fake =
        platformWhoseSelectorsAre(
            () -> {
              opened.add(new FakePlatformSelector());
              return opened.get(opened.size() - 1);
            });
    PlainChannel closing = new PlainChannel();
    try (RingSelector guarded = new RingSelector(null, fake, new SpinPolicy(0), Clock.SYSTEM);
        PlainChannel other = new PlainChannel()) {
      SelectionKey key = closing.register(guarded, OP_READ);
      synchronized (key) { // a cancel of it waits on JDK 17
        Thread close = startUntilBlocked(() -> closeQuietly(closing));
        other.register(guarded, OP_READ).cancel();
        guarded.selectNow();
        other.register(guarded, OP_READ).cancel();
        guarded.selectNow();
        assertThat(close).isNotNull();
      }
      await(() -> !closing.isRegistered(), guarded);
      assertThat(opened).anyMatch(each -> each.freed().contains(closing));
    }
  }

  private static void await(BooleanSupplier condition, RingSelector selecting) throws IOException {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      selecting.selectNow();
      assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(WAIT_SECONDS));
    }
  }

  /** Starts a thread and waits until it has done its work or waits for a monitor. */
  private static Thread startUntilBlocked(Runnable body) {
    Thread thread = new Thread(body, "ring-selector-test");
    thread.setDaemon(true);
    thread.start();
    while (thread.isAlive() && thread.getState() != Thread.State.BLOCKED) {
      Thread.onSpinWait();
    }
    return thread;
  }

  /** A channel that is not ours: it has a key inside too, and a guard. */
  private static final class PlainChannel extends AbstractSelectableChannel {
    PlainChannel() throws IOException {
      super(null);
      configureBlocking(false);
    }

    @Override
    public int validOps() {
      return OP_READ;
    }

    @Override
    protected void implCloseSelectableChannel() {}

    @Override
    protected void implConfigureBlocking(boolean block) {}
  }

  /** A key's cancel, a close, a flush of the guard and a lookup of the key wait for one another. */
  @Test
  void keysThatAreCancelledClosedAndLookedUpAtOnceKeepNobodyWaiting() throws Exception {
    long start = System.nanoTime();
    while (System.nanoTime() - start < CANCEL_RACE_NANOS) {
      List<SelectionKey> keys = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        DatagramChannel channel = platform.get().openDatagramChannel();
        channel.configureBlocking(false);
        keys.add(channel.register(selector, OP_READ));
      }
      CyclicBarrier together = new CyclicBarrier(3);
      List<Background<Void>> tasks =
          List.of(
              startTogether(together, keys, SelectionKey::cancel),
              startTogether(together, keys, key -> closeQuietly(key.channel())),
              startTogether(together, keys, key -> key.channel().keyFor(selector)));
      while (!tasks.stream().allMatch(Background::isDone)) {
        selector.selectNow();
      }
      for (Background<Void> task : tasks) {
        get(task);
      }
      selector.selectNow();
      assertThat(selector.keys()).isEmpty();
    }
  }

  private static Background<Void> startTogether(
      CyclicBarrier together, List<SelectionKey> keys, Consumer<SelectionKey> action) {
    return Background.run(
        () -> {
          together.await(WAIT_SECONDS, TimeUnit.SECONDS);
          keys.forEach(action);
          return null;
        });
  }

  @Test
  void registrationThatFailsLeavesNothingRegistered() throws IOException {
    int[] opened = new int[1];
    PlatformProvider oneSelector =
        platformWhoseSelectorsAre(
            () -> {
              if (++opened[0] == 2) {
                throw new IOException("no descriptor left");
              }
              return platform.get().openSelector();
            });
    try (RingSelector failing =
        new RingSelector(null, oneSelector, new SpinPolicy(0), Clock.SYSTEM)) {
      assertThatThrownBy(() -> datagrams.register(failing, OP_WRITE))
          .isInstanceOf(IllegalSelectorException.class)
          .hasRootCauseMessage("no descriptor left");

      assertThat(datagrams.isRegistered()).isFalse();
      assertThat(failing.keys()).isEmpty();
      assertThat(failing.selectNow()).isZero();
      datagrams.register(failing, OP_WRITE);
      assertThat(failing.selectNow()).isEqualTo(1);
    }
  }

  @Test
  void registrationOfARingThatFailsLeavesNothingRegistered() throws IOException {
    ring.refuseKeys(true);
    assertThatThrownBy(() -> ring.register(selector, OP_READ))
        .isInstanceOf(IllegalSelectorException.class)
        .hasRootCauseMessage("no descriptor left");
    assertThat(selector.keys()).isEmpty();
    ring.become(Readiness.IN);
    assertThat(selector.selectNow()).isZero();

    ring.refuseKeys(false);
    SelectionKey key = ring.register(selector, OP_READ);
    assertThat(selector.selectNow()).isEqualTo(1);
    assertThat(selector.selectedKeys()).containsExactly(key);
  }

  /**
   * The close waits for the registration. If it found a key then, it would leave the descriptor to
   * a selector of the platform's, and none knows the channel.
   */
  @Test
  void channelThatIsClosedWhileItIsRegisteredIsRefused() throws Exception {
    long before = OpenDescriptors.count();
    int rounds = 50;
    for (int i = 0; i < rounds; i++) {
      registerWhileTheChannelIsClosed();
    }
    assertThat(OpenDescriptors.count() - before).isLessThan(rounds / 2);
  }

  private void registerWhileTheChannelIsClosed() throws Exception {
    DatagramChannel closing = openDatagrams();
    List<Background<Void>> closes = new ArrayList<>();
    PlatformProvider closesTheChannel =
        platformWhoseSelectorsAre(
            () -> {
              if (closes.isEmpty()) {
                closes.add(
                    Background.run(
                        () -> {
                          closing.close();
                          return null;
                        }));
                while (closing.isOpen()) {
                  Thread.onSpinWait();
                }
              }
              return platform.get().openSelector();
            });
    try (RingSelector slow =
        new RingSelector(null, closesTheChannel, new SpinPolicy(0), Clock.SYSTEM)) {
      assertThatThrownBy(() -> closing.register(slow, OP_READ))
          .isInstanceOf(ClosedChannelException.class);

      get(closes.get(0));
      slow.selectNow();
      assertThat(slow.keys()).isEmpty();
      assertThat(closing.isRegistered()).isFalse();
    }
  }

  private interface SelectorSource {
    AbstractSelector open() throws IOException;
  }

  private static PlatformProvider platformWhoseSelectorsAre(SelectorSource source)
      throws IOException {
    SelectorProvider provider = mock();
    when(provider.openSelector()).thenAnswer(invocation -> source.open());
    return new PlatformProvider(() -> provider);
  }

  @Test
  void closedChannelCannotBeRegistered() throws IOException {
    datagrams.close();
    assertThatThrownBy(() -> datagrams.register(selector, OP_READ))
        .isInstanceOf(ClosedChannelException.class);
    assertThat(selector.keys()).isEmpty();
  }

  /**
   * The interleaving: a change of interest finds its key valid; another thread cancels key and
   * inner key; the change goes on to the inner one. The platform's keys know no such failure.
   */
  @Test
  void changeOfInterestThatACancelOvertakesDoesNotFail() throws IOException {
    SelectionKey inner = mock();
    when(inner.interestOps(anyInt())).thenThrow(new CancelledKeyException());
    RingSelectionKey key = (RingSelectionKey) ring.register(selector, OP_READ);
    InnerKeys inside = new InnerKeys(key, datagrams);
    inside.setPolled(inner);
    key.setInner(inside);

    key.interestOps(OP_WRITE);
    assertThat(key.interestOps()).isEqualTo(OP_WRITE);
    assertThat(key.interestOpsOr(OP_READ)).isEqualTo(OP_WRITE);
    assertThat(key.interestOpsAnd(OP_READ)).isEqualTo(OP_READ | OP_WRITE);
    verify(inner, times(1 + 3)).interestOps(anyInt()); // it is told when it is set, too
  }
}
