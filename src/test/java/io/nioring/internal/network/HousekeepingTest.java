package io.nioring.internal.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.spy;

import io.nioring.internal.platform.BackgroundThreads;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.ring.RingMemory;
import io.nioring.internal.stream.Endpoint;
import io.nioring.socket.ChannelRight;
import java.io.IOException;
import java.nio.channels.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** That the housekeeping goes on, whatever one of its jobs throws and whatever is short. */
class HousekeepingTest {
  private static final Duration WAIT = Duration.ofSeconds(60);
  private static final int SHORT_MILLIS = 5;

  private final MemoryPool memory = new MemoryPool(false);
  private final AtomicBoolean threadsShort = new AtomicBoolean();
  private final AtomicInteger started = new AtomicInteger();
  private final ChannelRegistry registry =
      new ChannelRegistry(memory, SHORT_MILLIS, "housekeeping-test", this::start);

  /** What is not dropped. */
  private final List<Channel> kept = new ArrayList<>();

  private volatile Thread thread;

  private Thread start(String name, Runnable body) {
    started.incrementAndGet();
    if (threadsShort.get()) {
      throw new OutOfMemoryError("unable to create native thread");
    }
    thread = BackgroundThreads.SYSTEM.start(name, body);
    return thread;
  }

  @AfterEach
  void close() throws IOException {
    registry.close();
    assertThat(registry.size()).isZero();
    kept.clear();
  }

  private static final class TestChannel implements Channel {
    private volatile boolean open = true;

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public void close() {
      open = false;
    }
  }

  /** An entry whose close fails so many times. */
  private static final class TestEntry extends ChannelRegistry.Entry {
    private final AtomicInteger failures;
    private final Endpoint endpoint;

    TestEntry(Channel channel, ChannelRegistry registry, int failures, Endpoint endpoint) {
      super(channel, registry);
      this.failures = new AtomicInteger(failures);
      this.endpoint = endpoint;
    }

    @Override
    public void closeAbandoned() {
      if (failures.getAndDecrement() > 0) {
        throw new OutOfMemoryError("a test's");
      }
      remove();
    }

    @Override
    public Endpoint endpoint() {
      return endpoint;
    }
  }

  private TestEntry addDropped(int failures) {
    TestEntry entry = new TestEntry(new TestChannel(), registry, failures, null);
    registry.add(entry);
    return entry;
  }

  private TestEntry addKept(Endpoint endpoint) {
    TestChannel channel = new TestChannel();
    kept.add(channel);
    TestEntry entry = new TestEntry(channel, registry, 0, endpoint);
    registry.add(entry);
    return entry;
  }

  private static void eventually(Callable<Boolean> condition) {
    await()
        .atMost(WAIT)
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              System.gc();
              return condition.call();
            });
  }

  @Test
  void errorWhileADroppedChannelIsClosedEndsNeitherTheThreadNorThatClose() {
    addKept(null);
    addDropped(2);
    addDropped(0);
    eventually(() -> registry.size() == 1);
    assertThat(started).hasValue(1);
    assertThat(thread.isAlive()).isTrue();
  }

  @Test
  void errorOfOneIdleConnectionDoesNotKeepTheOthersMemory() {
    Endpoint failing = mock();
    doThrow(new OutOfMemoryError("a test's")).when(failing).releaseIdleOutput();
    AtomicInteger looks = new AtomicInteger();
    Endpoint other = mock();
    doAnswer(call -> looks.incrementAndGet()).when(other).releaseIdleOutput();
    RingMemory block = memory.take(8192, 8192, true); // without memory in use nobody looks
    addKept(other);
    addKept(failing);
    addKept(other);

    await().atMost(WAIT).until(() -> looks.get() >= 4);
    assertThat(started).hasValue(1);
    block.release();
  }

  @Test
  void whoObservesLooksBeforeTheFirstChannelIsUsed() {
    threadsShort.set(true);
    AtomicInteger looks = new AtomicInteger();
    registry.alsoRun(
        () -> {
          if (looks.incrementAndGet() == 1) {
            throw new OutOfMemoryError("a test's");
          }
        });
    assertThat(addKept(null).get()).isNotNull();
    assertThat(looks).hasValue(1);
  }

  @Test
  void opensWithoutAThreadAndAsksAgainLater() {
    threadsShort.set(true);
    TestEntry entry = addKept(null);
    assertThat(started).hasValue(1);
    assertThat(entry.get()).isNotNull();
    threadsShort.set(false);
    addDropped(0);

    eventually(
        () -> {
          addKept(null);
          return started.get() == 2;
        });
    eventually(() -> registry.size() == kept.size());
  }

  /** Whoever depends on tasks that are tried again learns that nobody would do so. */
  @Test
  void tellsWhetherThereIsAThreadForIt() {
    threadsShort.set(true);
    addKept(null);
    assertThat(registry.isServed()).isFalse();
    threadsShort.set(false);

    eventually(registry::isServed);
  }

  /** Dropped connections would else be collected by nobody, and hold their memory. */
  @Test
  void withoutAThreadDroppedChannelsAreClosedWhenOneIsOpened() {
    threadsShort.set(true);
    List<TestEntry> dropped = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      dropped.add(addDropped(0));
    }
    eventually(() -> dropped.stream().allMatch(each -> each.refersTo(null)));
    await() // a collection is too much for each of the looks
        .atMost(WAIT)
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              addKept(null);
              return registry.size() == kept.size();
            });
  }

  @Test
  void closeOfTheRegistryNeedsNoThread() throws IOException {
    threadsShort.set(true);
    TestChannel inFlight = new TestChannel();
    registry.rights().close(List.of(new ChannelRight(inFlight)));
    TestEntry entry = addKept(null);
    assertThat(inFlight.isOpen()).isTrue();

    registry.close();

    assertThat(inFlight.isOpen()).isFalse();
    assertThat(kept).noneMatch(Channel::isOpen);
    assertThat(entry.remove()).isFalse();
  }

  /** The spares stay with the JVM otherwise, and the thread ends in the handler of errors. */
  @Test
  void errorAtTheEndDoesNotKeepWhatIsSpare() throws IOException {
    MemoryPool failing = spy(memory);
    AtomicInteger released = new AtomicInteger();
    AtomicBoolean ends = new AtomicBoolean();
    doAnswer(
            call -> {
              if (ends.get() && released.incrementAndGet() == 1) {
                throw new OutOfMemoryError("a test's");
              }
              return call.callRealMethod();
            })
        .when(failing)
        .releaseSpares();
    ChannelRegistry other =
        new ChannelRegistry(
            failing, (int) Duration.ofHours(1).toMillis(), "housekeeping-test", this::start);
    TestChannel channel = new TestChannel();
    kept.add(channel);
    other.add(new TestEntry(channel, other, 0, null));
    ends.set(true);

    other.close();

    await().atMost(WAIT).until(() -> !thread.isAlive());
    assertThat(released).hasValue(2);
  }

  @Test
  void closeOfTheRegistryContinuesAfterAnError() {
    OutOfMemoryError error = new OutOfMemoryError("a test's");
    Channel failing =
        new Channel() {
          @Override
          public boolean isOpen() {
            return true;
          }

          @Override
          public void close() {
            throw error;
          }
        };
    kept.add(failing);
    addKept(null);
    registry.add(new TestEntry(failing, registry, 0, null));
    addKept(null);

    assertThatThrownBy(registry::close).isSameAs(error);
    assertThat(registry.size()).isZero();
    assertThat(kept).filteredOn(Channel::isOpen).containsExactly(failing);
  }
}
