package io.nioring.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class BackgroundThreadsTest {
  private static final InheritableThreadLocal<String> INHERITABLE = new InheritableThreadLocal<>();

  @Test
  void threadHasNothingOfItsCreator() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicReference<String> inherited = new AtomicReference<>();
    ClassLoader application = new ClassLoader(getClass().getClassLoader()) {};
    FutureTask<Thread> starting =
        new FutureTask<>(
            () -> {
              INHERITABLE.set("of the creator");
              Thread.currentThread().setContextClassLoader(application);
              return BackgroundThreads.SYSTEM.start(
                  "background-threads-test",
                  () -> {
                    inherited.set(INHERITABLE.get());
                    awaitQuietly(goOn);
                  });
            });
    Thread creator = new Thread(new ThreadGroup("application"), starting);
    lowerPriority(creator);
    creator.start();
    Thread thread = starting.get(20, TimeUnit.SECONDS);

    assertThat(thread.getName()).isEqualTo("background-threads-test");
    assertThat(thread.isDaemon()).isTrue();
    assertThat(thread.getPriority()).isEqualTo(Thread.NORM_PRIORITY);
    assertThat(thread.getThreadGroup().getParent()).isNull();
    assertThat(thread.getContextClassLoader()).isSameAs(ClassLoader.getSystemClassLoader());
    goOn.countDown();
    thread.join(20_000);
    assertThat(thread.isAlive()).isFalse();
    assertThat(inherited).hasValue(null);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @SuppressWarnings("ThreadPriorityCheck") // what must not be inherited
  private static void lowerPriority(Thread thread) {
    thread.setPriority(Thread.MIN_PRIORITY);
  }
}
