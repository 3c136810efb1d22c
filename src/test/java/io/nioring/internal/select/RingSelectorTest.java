package io.nioring.internal.select;

import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.internal.platform.PlatformProvider;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.poll.SpinPolicy;
import io.nioring.internal.time.Clock;
import io.nioring.testkit.Background;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the contract suite cannot see: candidates, absorbed wake-ups, races. With ring channels. */
@SuppressWarnings("ThreadPriorityCheck") // a yield only shortens the wait
class RingSelectorTest {
  private static final long WAIT_SECONDS = 60;
  private static final long LONG_MILLIS = TimeUnit.SECONDS.toMillis(WAIT_SECONDS);
  private static final long SPIN_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

  private final PlatformProvider platform = PlatformProvider.lazy();
  private final RingSelector selector =
      new RingSelector(null, platform, new SpinPolicy(SPIN_NANOS), Clock.SYSTEM);

  @AfterEach
  void close() throws IOException {
    selector.close();
  }

  private static FakeChannel channel() throws IOException {
    return new FakeChannel();
  }

  private List<FakeChannel> register(int count, int ops) throws IOException {
    List<FakeChannel> channels = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      FakeChannel channel = channel();
      channel.register(selector, ops);
      channels.add(channel);
    }
    return channels;
  }

  private static <T> T get(Background<T> task) throws Exception {
    return task.get(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  private List<SelectableChannel> takeSelected() {
    List<SelectableChannel> channels = new ArrayList<>();
    for (SelectionKey key : selector.selectedKeys()) {
      channels.add(key.channel());
    }
    selector.selectedKeys().clear();
    return channels;
  }

  // -- head starts

  private void selectAndTake(int times) throws IOException {
    for (int i = 0; i < times; i++) {
      assertThat(selector.select()).isPositive();
      takeSelected();
    }
  }

  @Test
  void headStartIsGivenToTheOnlyChannelIfItIsAlwaysReady() throws IOException {
    FakeChannel channel = register(1, OP_READ).get(0);
    channel.become(Readiness.IN);
    channel.answerHeadStart(1);

    selectAndTake(2);
    assertThat(channel.headStartsAsked()).isZero();
    selectAndTake(10);
    assertThat(channel.headStartsAsked()).isEqualTo(10);

    channel.become(0);
    assertThat(selector.select(1)).isZero();
    assertThat(channel.headStartsAsked()).isEqualTo(11);
    channel.become(Readiness.IN);
    selectAndTake(1);
    assertThat(channel.headStartsAsked()).as("after a wait").isEqualTo(11);
  }

  @Test
  void channelThatWantsNoHeadStartIsSeldomAsked() throws IOException {
    FakeChannel channel = register(1, OP_READ).get(0);
    channel.become(Readiness.IN);

    selectAndTake(100);

    assertThat(channel.headStartsAsked()).isBetween(8, 12);
  }

  @Test
  void headStartIsNotGivenBySelectNow() throws IOException {
    FakeChannel channel = register(1, OP_READ).get(0);
    channel.become(Readiness.IN);
    for (int i = 0; i < 10; i++) {
      assertThat(selector.selectNow()).isEqualTo(1);
      takeSelected();
    }
    assertThat(channel.headStartsAsked()).isZero();
  }

  @Test
  void headStartIsNotGivenForWritingNorByOneOfSeveralNorWithoutSpinning() throws IOException {
    FakeChannel writing = register(1, OP_WRITE).get(0);
    writing.become(Readiness.OUT);
    selectAndTake(10);
    List<FakeChannel> reading = register(2, OP_READ);
    reading.forEach(channel -> channel.become(Readiness.IN));
    selectAndTake(10);
    assertThat(writing.headStartsAsked()).isZero();
    assertThat(reading).allMatch(channel -> channel.headStartsAsked() == 0);

    FakeChannel only = channel();
    try (RingSelector unspinning =
        new RingSelector(null, platform, new SpinPolicy(0), Clock.SYSTEM)) {
      only.register(unspinning, OP_READ);
      only.become(Readiness.IN);
      for (int i = 0; i < 10; i++) {
        assertThat(unspinning.select()).isEqualTo(1);
        unspinning.selectedKeys().clear();
      }
    }
    assertThat(only.headStartsAsked()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void headStartIsEndedByAWakeupAndByAnotherChannel(boolean byWakeup) throws Exception {
    List<FakeChannel> channels = register(2, OP_READ);
    FakeChannel streaming = channels.get(0);
    streaming.become(Readiness.IN);
    selectAndTake(2);
    streaming.answerHeadStart(Integer.MAX_VALUE);
    Background<Integer> selecting = Background.run(selector::select);
    while (streaming.headStartsAsked() == 0) {
      Thread.onSpinWait();
    }

    if (byWakeup) {
      selector.wakeup();
    } else {
      channels.get(1).become(Readiness.IN);
    }

    assertThat(get(selecting)).isEqualTo(byWakeup ? 1 : 2);
  }

  // -- wake-ups for nothing

  @Test
  void wakeUpsForNothingDoNotEndASelectEarly() throws Exception {
    FakeChannel channel = register(1, OP_READ).get(0);
    AtomicBoolean over = new AtomicBoolean();
    Background<Integer> waking =
        Background.run(
            () -> {
              int wakes = 0;
              while (!over.get()) {
                channel.poll().wake(Readiness.IN);
                wakes++;
                Thread.yield();
              }
              return wakes;
            });
    try {
      long start = System.nanoTime();
      assertThat(selector.select(300)).isZero();
      assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(300_000_000);
      assertThat(selector.selectedKeys()).isEmpty();
    } finally {
      over.set(true);
    }
    assertThat(get(waking)).isPositive();
  }

  @Test
  void wakeUpsForNothingDoNotHideTheRealOne() throws Exception {
    FakeChannel channel = register(1, OP_READ).get(0);
    Background<Integer> selecting = Background.run(() -> selector.select(LONG_MILLIS));
    for (int i = 0; i < 1_000; i++) {
      channel.poll().wake(Readiness.IN);
    }
    channel.become(Readiness.OUT);
    assertThat(selecting.isDone()).isFalse();
    channel.become(Readiness.IN);
    assertThat(get(selecting)).isEqualTo(1);
  }

  @Test
  void wakeUpNobodyIsInterestedInDoesNotEndASelect() throws Exception {
    FakeChannel channel = register(1, OP_WRITE).get(0);
    channel.become(Readiness.IN);
    assertThat(selector.select(50)).isZero();
  }

  // -- candidates

  @Test
  void readyKeyIsFoundAgainAndAgainWithoutAWakeUp() throws Exception {
    FakeChannel channel = register(1, OP_READ).get(0);
    channel.become(Readiness.IN);
    for (int i = 0; i < 5; i++) {
      assertThat(selector.select(LONG_MILLIS)).isEqualTo(1);
      assertThat(takeSelected()).containsExactly(channel);
    }
    channel.become(0);
    assertThat(selector.selectNow()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 16, 17, 1_000})
  void allReadyKeysAreReportedByEachSelect(int count) throws Exception {
    List<FakeChannel> channels = register(count, OP_READ);
    channels.forEach(channel -> channel.become(Readiness.IN));
    for (int i = 0; i < 3; i++) {
      assertThat(selector.selectNow()).isEqualTo(count);
      assertThat(takeSelected()).hasSize(count).containsExactlyInAnyOrderElementsOf(channels);
    }
    for (int i = 0; i < count; i += 2) {
      channels.get(i).become(0);
    }
    assertThat(selector.selectNow()).isEqualTo(count / 2);
    channels.forEach(channel -> channel.become(0));
    selector.selectedKeys().clear();
    assertThat(selector.selectNow()).isZero();
    channels.forEach(channel -> channel.become(Readiness.IN));
    assertThat(selector.selectNow()).isEqualTo(count);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void actionThatThrowsLosesNoCandidate(int throwsAt) throws Exception {
    List<FakeChannel> channels = register(5, OP_READ);
    channels.forEach(channel -> channel.become(Readiness.IN));
    channels.get(2).become(0); // one of the candidates goes at the same time
    RuntimeException failure = new RuntimeException("of the action");
    AtomicInteger calls = new AtomicInteger();

    if (throwsAt <= 4) {
      assertThatThrownBy(
              () ->
                  selector.selectNow(
                      key -> {
                        if (calls.incrementAndGet() == throwsAt) {
                          throw failure;
                        }
                      }))
          .isSameAs(failure);
    }

    channels.get(2).become(Readiness.IN);
    Set<SelectableChannel> seen = new HashSet<>();
    assertThat(selector.selectNow(key -> seen.add(key.channel()))).isEqualTo(5);
    assertThat(seen).containsExactlyInAnyOrderElementsOf(channels);
  }

  @Test
  void actionMayMakeOtherCandidatesUnreadyOrCancelThem() throws Exception {
    List<FakeChannel> channels = register(3, OP_READ);
    channels.forEach(channel -> channel.become(Readiness.IN));
    List<SelectableChannel> seen = new ArrayList<>();
    selector.selectNow(
        key -> {
          seen.add(key.channel());
          for (FakeChannel other : channels) {
            if (other != key.channel()) {
              other.keyFor(selector).cancel();
            }
          }
        });

    assertThat(seen).hasSize(1);
    assertThat(selector.keys()).hasSize(1);
    assertThat(selector.selectNow()).isEqualTo(1);
  }

  @Test
  void keyWhoseInterestWentIsACandidateAgainWhenItComesBack() throws Exception {
    FakeChannel channel = register(1, OP_READ).get(0);
    channel.become(Readiness.IN | Readiness.OUT);
    SelectionKey key = channel.keyFor(selector);
    for (int i = 0; i < 3; i++) {
      key.interestOps(0);
      assertThat(selector.selectNow()).isZero();
      key.interestOpsOr(OP_WRITE);
      assertThat(selector.selectNow()).isEqualTo(1);
      assertThat(key.readyOps()).isEqualTo(OP_WRITE);
      selector.selectedKeys().clear();
      key.interestOps(OP_READ | OP_WRITE);
      assertThat(selector.selectNow()).isEqualTo(1);
      assertThat(key.readyOps()).isEqualTo(OP_READ | OP_WRITE);
      selector.selectedKeys().clear();
      key.interestOpsAnd(OP_READ);
      assertThat(selector.selectNow()).isEqualTo(1);
      assertThat(key.readyOps()).isEqualTo(OP_READ);
      selector.selectedKeys().clear();
    }
  }

  @Test
  void keyWithoutInterestIsNotSelectedEvenByAHangUp() throws Exception {
    FakeChannel channel = register(1, 0).get(0);
    channel.become(Readiness.ALL);
    assertThat(selector.selectNow()).isZero();
    channel.keyFor(selector).interestOps(OP_READ);
    assertThat(selector.selectNow()).isEqualTo(1);
  }

  // -- several selectors, several keys

  @Test
  void twoSelectorsSeeTheSameChannelEachForItself() throws Exception {
    try (RingSelector other = new RingSelector(null, platform, new SpinPolicy(0), Clock.SYSTEM)) {
      FakeChannel channel = channel();
      channel.register(selector, OP_READ);
      channel.register(other, OP_READ | OP_WRITE);
      Background<Integer> one = Background.run(() -> selector.select(LONG_MILLIS));
      Background<Integer> two = Background.run(() -> other.select(LONG_MILLIS));

      channel.become(Readiness.IN | Readiness.OUT);
      assertThat(get(one)).isEqualTo(1);
      assertThat(get(two)).isEqualTo(1);
      assertThat(channel.keyFor(selector).readyOps()).isEqualTo(OP_READ);
      assertThat(channel.keyFor(other).readyOps() & OP_READ).isEqualTo(OP_READ);

      channel.keyFor(selector).cancel();
      selector.selectNow();
      other.selectedKeys().clear();
      assertThat(other.selectNow()).isEqualTo(1);
      assertThat(selector.selectNow()).isZero();
    }
  }

  @Test
  void cancelledKeyLeavesThePollSet() throws Exception {
    FakeChannel channel = register(1, OP_WRITE).get(0);
    assertThat(channel.poll().isOutWanted()).isTrue();
    channel.keyFor(selector).cancel();
    selector.selectNow();
    assertThat(channel.poll().isOutWanted()).isFalse();
    assertThat(channel.isRegistered()).isFalse();
  }

  @Test
  void closedSelectorLeavesThePollSets() throws Exception {
    List<FakeChannel> channels = register(20, OP_WRITE);
    selector.close();
    assertThat(channels).noneMatch(channel -> channel.poll().isOutWanted());
    assertThat(channels).noneMatch(SelectableChannel::isRegistered);
    channels.forEach(channel -> channel.become(Readiness.ALL));
  }

  /**
   * Between the wake-up by its close and its key's cancel: of a stream half of which is closed, of
   * a listener, of a pipe's sink. A selecting thread would spin until the closing one goes on.
   */
  @ParameterizedTest
  @ValueSource(
      ints = {
        Readiness.IN | Readiness.RDHUP,
        Readiness.IN | Readiness.HUP,
        Readiness.IN | Readiness.OUT | Readiness.ERR
      })
  void channelThatIsClosingIsNotSelected(int readiness) throws Exception {
    FakeChannel channel = register(1, OP_READ).get(0);
    List<Integer> selected = new ArrayList<>();
    channel.whenClosing(
        () -> {
          channel.become(readiness);
          try {
            selected.add(selector.selectNow());
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    channel.close();
    assertThat(selected).containsExactly(0);
    assertThat(selector.selectedKeys()).isEmpty();
  }

  // -- waiting

  @Test
  void changeOfInterestWakesASleepingSelect() throws Exception {
    FakeChannel channel = register(1, OP_READ).get(0);
    channel.become(Readiness.OUT);
    Background<Integer> selecting = Background.run(() -> selector.select(LONG_MILLIS));
    channel.keyFor(selector).interestOpsOr(OP_WRITE);
    assertThat(get(selecting)).isEqualTo(1);
  }

  @Test
  void registeringAReadyChannelWakesASleepingSelect() throws Exception {
    register(1, OP_READ);
    Background<Integer> selecting = Background.run(() -> selector.select(LONG_MILLIS));
    FakeChannel ready = channel();
    ready.become(Readiness.IN);
    ready.register(selector, OP_READ);
    assertThat(get(selecting)).isEqualTo(1);
  }

  @Test
  void wakeupEndsOneSelectAndOnlyOne() throws Exception {
    selector.wakeup();
    selector.wakeup();
    assertThat(selector.select(LONG_MILLIS)).isZero();
    long start = System.nanoTime();
    assertThat(selector.select(30)).isZero();
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(30_000_000);
  }

  /**
   * Channels become ready and unready on threads of their own. Every change must be seen: a channel
   * that stays ready is selected, whatever wake-ups and lettings-go crossed one another.
   */
  @Test
  void noChangeIsLostBetweenLettingGoAndWaking() throws Exception {
    long seed = ThreadLocalRandom.current().nextLong();
    int threads = 2;
    int rounds = 5_000;
    List<Background<Void>> changing = new ArrayList<>();
    List<FakeChannel> channels = register(threads, OP_READ);
    List<AtomicInteger> seen = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      FakeChannel channel = channels.get(i);
      AtomicInteger count = new AtomicInteger();
      channel.keyFor(selector).attach(count);
      seen.add(count);
      Random random = new Random(seed + i);
      changing.add(Background.run(() -> change(channel, count, rounds, random)));
    }
    Background<Void> selecting =
        Background.run(
            () -> {
              while (seen.stream().anyMatch(count -> count.get() < rounds)) {
                selector.select(RingSelectorTest::see);
              }
              return null;
            });
    try {
      for (Background<Void> task : changing) {
        task.get(2 * WAIT_SECONDS, TimeUnit.SECONDS);
      }
      selector.wakeup();
      get(selecting);
    } catch (Throwable e) {
      throw new AssertionError("seed " + seed + ", seen " + seen, e);
    }
  }

  private static void see(SelectionKey key) {
    FakeChannel channel = (FakeChannel) key.channel();
    channel.become(0);
    ((AtomicInteger) key.attachment()).incrementAndGet();
  }

  private static Void change(FakeChannel channel, AtomicInteger seen, int rounds, Random random) {
    long start = System.nanoTime();
    for (int round = 0; round < rounds; round++) {
      for (int i = random.nextInt(3); i > 0; i--) {
        channel.poll().wake(Readiness.IN);
      }
      channel.become(Readiness.IN);
      while (seen.get() == round) {
        Thread.yield();
        if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(2 * WAIT_SECONDS)) {
          throw new AssertionError("round " + round + " was not seen");
        }
      }
    }
    return null;
  }

  // -- close against everything else

  @Test
  void onlyClosedSelectorExceptionEscapesFromRegisteringAgainstClose() throws Exception {
    for (int round = 0; round < 300; round++) {
      RingSelector closing = new RingSelector(null, platform, new SpinPolicy(0), Clock.SYSTEM);
      List<FakeChannel> channels = new ArrayList<>();
      CountDownLatch registering = new CountDownLatch(1);
      Background<Void> task =
          Background.run(
              () -> {
                try {
                  while (true) {
                    FakeChannel channel = channel();
                    channels.add(channel);
                    channel.register(closing, OP_READ);
                    registering.countDown();
                  }
                } catch (ClosedSelectorException expected) {
                  return null;
                }
              });
      assertThat(registering.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
      closing.close();
      get(task);
      for (FakeChannel channel : channels) {
        SelectionKey key = channel.keyFor(closing);
        assertThat(key == null || !key.isValid()).isTrue();
      }
    }
  }

  @Test
  void closeEndsASleepingSelect() throws Exception {
    Background<Integer> selecting = Background.run(() -> selector.select());
    selector.close();
    try {
      assertThat(get(selecting)).isZero();
    } catch (java.util.concurrent.ExecutionException e) {
      assertThat(e).hasCauseInstanceOf(ClosedSelectorException.class); // closed before it began
    }
  }

  // -- errors in the middle

  /** The n-th look of a select fails: at the first look, and at the one after letting go. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 16, 17, 40})
  void lookThatFailsLosesNoChannel(int failing) throws Exception {
    List<FakeChannel> channels = register(20, OP_READ);
    AtomicInteger looks = new AtomicInteger();
    for (FakeChannel channel : channels) {
      channel.answerLooksWith(
          () -> {
            if (looks.incrementAndGet() == failing) {
              throw new OutOfMemoryError("of the test");
            }
            return 0;
          });
      channel.poll().wake(Readiness.IN);
    }
    looks.set(0);
    assertThatThrownBy(this::selectOften).isInstanceOf(OutOfMemoryError.class);

    for (FakeChannel channel : channels) {
      channel.answerLooksWith(() -> Readiness.IN);
      channel.poll().wake(Readiness.IN);
    }
    assertThat(selector.selectNow()).isEqualTo(20);
    assertThat(takeSelected()).containsExactlyInAnyOrderElementsOf(channels);
    for (FakeChannel channel : channels) {
      channel.answerLooksWith(() -> 0);
    }
    selectOften();
    for (FakeChannel channel : channels) {
      channel.answerLooksWith(() -> Readiness.IN);
      channel.poll().wake(Readiness.IN);
    }
    assertThat(selector.selectNow()).isEqualTo(20);
  }

  /** More than the looks that a candidate may miss. */
  private void selectOften() throws IOException {
    for (int i = 0; i < 20; i++) {
      selector.selectNow();
    }
  }

  @Test
  void keyThatCannotBeDroppedLeavesTheOthersToTheNextSelect() throws IOException {
    List<FakeChannel> channels = register(20, OP_READ);
    AtomicInteger drops = new AtomicInteger();
    for (FakeChannel channel : channels) {
      channel.whenAKeyComesOrGoes(
          () -> {
            if (drops.incrementAndGet() == 7) {
              throw new OutOfMemoryError("of the test");
            }
          });
      channel.keyFor(selector).cancel();
    }
    assertThatThrownBy(selector::selectNow).isInstanceOf(OutOfMemoryError.class);

    selector.selectNow();
    assertThat(selector.keys()).isEmpty();
    assertThat(channels).noneMatch(FakeChannel::isRegistered);
    assertThat(drops).hasValue(20 + 1);
  }

  @Test
  void selectorThatCannotDropAKeyClosesNevertheless() throws IOException {
    List<FakeChannel> channels = register(20, OP_READ);
    AtomicInteger drops = new AtomicInteger();
    for (FakeChannel channel : channels) {
      channel.whenAKeyComesOrGoes(
          () -> {
            if (drops.incrementAndGet() == 7) {
              throw new OutOfMemoryError("of the test");
            }
          });
    }
    assertThatThrownBy(selector::close).isInstanceOf(OutOfMemoryError.class);

    assertThat(channels).noneMatch(FakeChannel::isRegistered);
  }
}
