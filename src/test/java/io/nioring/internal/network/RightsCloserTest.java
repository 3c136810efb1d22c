package io.nioring.internal.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nioring.internal.platform.BackgroundThreads;
import io.nioring.internal.platform.ThreadStarter;
import io.nioring.internal.stream.RightsInFlight;
import io.nioring.socket.ChannelRight;
import io.nioring.socket.DescriptorRight;
import io.nioring.socket.Right;
import java.nio.channels.Channel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RightsCloserTest {
  private static final Duration WAIT = Duration.ofSeconds(60);

  private final AtomicInteger started = new AtomicInteger();
  private final AtomicBoolean threadsShort = new AtomicBoolean();
  private final RightsCloser closer = new RightsCloser(this::start);

  private Thread start(String name, Runnable body) {
    if (threadsShort.get()) {
      throw new OutOfMemoryError("unable to create native thread");
    }
    started.incrementAndGet();
    return BackgroundThreads.SYSTEM.start(name, body);
  }

  /** A channel that does something when it is closed. */
  private static final class TestChannel implements Channel {
    private final Runnable onClose;
    private volatile boolean open = true;

    TestChannel(Runnable onClose) {
      this.onClose = onClose;
    }

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public void close() {
      open = false;
      onClose.run();
    }
  }

  private static List<Right> right(Channel channel) {
    return List.of(new ChannelRight(channel));
  }

  /** Each is in flight to the one before. */
  @Test
  void chainOfChannelsNeedsOneThreadAndNoStack() {
    TestChannel last = new TestChannel(() -> {});
    TestChannel first = last;
    for (int i = 0; i < 50_000; i++) {
      List<Right> inFlight = right(first);
      first = new TestChannel(() -> closer.close(inFlight));
    }

    first.close();

    await().atMost(WAIT).until(() -> !last.isOpen());
    assertThat(started).hasValue(1);
  }

  @Test
  void withoutThreadsChannelsWaitForTheNextCloser() {
    TestChannel one = new TestChannel(() -> {});
    TestChannel two = new TestChannel(() -> {});
    threadsShort.set(true);
    closer.close(right(one));
    assertThat(one.isOpen()).isTrue();
    threadsShort.set(false);

    closer.close(right(two));

    await().atMost(WAIT).until(() -> !one.isOpen() && !two.isOpen());
  }

  @Test
  void threadWithoutLocksClosesTheQueuedRightsItself() {
    TestChannel last = new TestChannel(() -> {});
    TestChannel first = new TestChannel(() -> closer.close(right(last)));
    threadsShort.set(true);
    closer.close(right(first));
    assertThat(first.isOpen()).isTrue();

    closer.closeStranded();

    assertThat(first.isOpen()).isFalse();
    assertThat(last.isOpen()).isFalse();
  }

  /** Rights that there is no memory to take for a while. */
  private static final class Untaken extends RightsInFlight {
    private final Channel channel;
    private int failures;

    Untaken(Channel channel, int failures) {
      this.channel = channel;
      this.failures = failures;
    }

    @Override
    public List<Right> discard() {
      if (failures > 0) {
        failures--;
        throw new OutOfMemoryError("in a test");
      }
      return right(channel);
    }
  }

  @Test
  void rightsThatThereIsNoMemoryToTakeAreClosedLater() {
    TestChannel one = new TestChannel(() -> {});
    TestChannel other = new TestChannel(() -> {});
    closer.close(new Untaken(one, 2));
    closer.close(new Untaken(other, 1));
    closer.closeStranded(); // which finds none for the one either
    assertThat(closer.isIdle()).isFalse();

    closer.closeStranded();
    closer.closeStranded();

    await().atMost(WAIT).until(() -> !one.isOpen() && !other.isOpen());
    await().atMost(WAIT).until(closer::isIdle);
  }

  @Test
  void descriptorsAreClosedAtOnce() {
    AtomicBoolean closed = new AtomicBoolean();
    closer.close(List.of(new DescriptorRight(1_000_000, () -> closed.set(true))));
    assertThat(closed).isTrue();
    assertThat(started).hasValue(0);
  }

  @Test
  void closeThatThrowsAnErrorDoesNotKeepTheOthersOpen() {
    TestChannel failing =
        new TestChannel(
            () -> {
              throw new OutOfMemoryError("a test's");
            });
    TestChannel other = new TestChannel(() -> {});
    closer.close(List.of(new ChannelRight(failing), new ChannelRight(other)));
    await().atMost(WAIT).until(() -> !other.isOpen());
  }

  @Test
  void failureOfTheStarterIsNotTheCallers() {
    ThreadStarter failing =
        (name, body) -> {
          throw new IllegalStateException("a test's");
        };
    RightsCloser other = new RightsCloser(failing);
    TestChannel channel = new TestChannel(() -> {});
    other.close(right(channel));
    other.closeStranded();
    assertThat(channel.isOpen()).isFalse();
  }
}
